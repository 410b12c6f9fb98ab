/** Chooses the jobs the panel shows, and words their cards. */

import { fillLeft } from "./agreement.js";
import { coversPairs } from "./flags.js";
import { byteSize, grouped, ordinal, percent, timeLeft } from "./format.js";

export const SHOWN_JOBS = 3;

const LEAST_DONE = 3; // frames; before that a rate is a guess
const ENDED = { done: "Done", failed: "Failed", cancelled: "Stopped" };
const ACTIVE = { queued: "Waiting", running: "Running" };
const SIDE_JOBS = { export: "Export", import: "Import", repair: "Repair", rebuild: "Rebuild", carry_keypoints: "Keypoints", scene_cuts: "Scene cuts" };
const SIDE_ENDS = { done: "ready", failed: "failed", cancelled: "stopped" };
const WAYS = { forward: "→", backward: "←", both: "↔" };

export const isActive = (job) => job.state === "running" || job.state === "queued";

const isRun = (job) => job.kind === "propagate";
/** An export of this visit, to be downloaded. @param {any} job */
export const isReady = (job) => job.kind === "export" && job.state === "done" && Boolean(job.ended);
const wentWell = (job) => job.state === "done";
const isNews = (job, newestFirst) => !wentWell(job) || job === newestFirst.find(wentWell);
/** Tell if a stopped run has another one of all its pairs after it. */
const isReplaced = (job, at, jobs) =>
  isRun(job) && job.state === "cancelled" && !job.paused && jobs.slice(at + 1).some((later) => isRun(later) && coversPairs(later.pairs, job.pairs));
const wants = (job) => isActive(job) || Boolean(job.paused);

/**
 * Work under way and runs that pause come first, then those that ended while the page watched: what
 * went wrong, and the newest that went well, so that instances keep the panel; a model that loaded is
 * no news, nor is a stopped run that was started again; batches have a bar of their own. The others are counted, and shown when asked for.
 * @param {Record<string, any>} jobs @param {boolean} all
 * @returns {{shown: any[], earlier: number}}
 */
export function jobCards(jobs, all) {
  const listed = Object.values(jobs).filter((job) => job.kind !== "batch" && (isRun(job) || isActive(job) || job.state === "failed" || isReady(job)));
  const known = listed.filter((job, at) => !isReplaced(job, at, listed));
  const first = known.filter(wants);
  const ended = known.filter((job) => !wants(job)).reverse();
  const watched = ended.filter((job) => job.ended && isNews(job, ended)).slice(0, Math.max(0, SHOWN_JOBS - first.length));
  const then = all ? ended : watched;
  return { shown: [...first, ...then], earlier: ended.length - then.length };
}

/** "Running", "Paused at frame 57", "Waiting, 2nd". @param {any} job */
export function jobTitle({ kind, state, paused, position, job_id, label }) {
  if (paused) return `Paused at frame ${paused.frame_idx}`;
  if (SIDE_JOBS[kind]) return [SIDE_JOBS[kind], label].filter(Boolean).join(" · ");
  if (kind !== "propagate") return `${state === "failed" ? "Failed" : "Loading"}: ${job_id.replace("model-", "")}`;
  if (state === "queued" && position) return `Waiting, ${position === 1 ? "next" : ordinal(position)}`;
  return ENDED[state] ?? ACTIVE[state];
}

/**
 * Frames done and in all. A fill visits each frame twice. A run both ways counts its visits, and goes twice over the frames between its pairs' first prompts.
 * @param {any} job @returns {{frames: number, of: number}}
 */
export function framesOf({ done, total, direction, start, end, pairs, mode }) {
  if (mode === "fill") return { frames: Math.floor(done / 2), of: total / 2 };
  const firsts = Array.isArray(pairs) ? pairs.map(({ first }) => first) : [];
  if (direction !== "both" || !firsts.length || !firsts.every(Number.isInteger)) return { frames: done, of: total };
  const low = Math.min(...firsts.map((first) => Math.max(first, start))); // the forward pass begins here
  const high = Math.max(...firsts.map((first) => Math.min(first, end))); // the backward one here
  const twice = Math.max(0, high - low + 1);
  const forward = Math.max(0, end - low + 1);
  return { frames: Math.min(done, forward) + Math.max(0, done - forward - twice), of: total - twice };
}

/** "28 / 90 · 6.5 fps · 10 s left". @param {any} job */
export function jobFacts(job) {
  const { kind, done, total, eta_s } = job;
  if (SIDE_JOBS[kind]) return sideFacts(job);
  if (kind !== "propagate") return `${byteSize(done)} of ${byteSize(total)}`;
  if (isStretch(job)) return stretchFacts(job);
  const all = framesOf(job);
  const frames = total ? `${grouped(all.frames)} / ${grouped(all.of)}` : "";
  if (!isActive(job)) return frames;
  const rate = eta_s > 0 && done >= LEAST_DONE ? (total - done) / eta_s : 0;
  const speed = rate > 0 ? `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} fps` : "";
  return [frames, speed, rate > 0 ? timeLeft(eta_s) : ""].filter(Boolean).join(" · ");
}

/** Tell if a run tracks only what corrections change, and not all that a full run would. @param {any} job */
export const isStretch = ({ mode, tracked, reach, total }) => mode === "stretch" && (tracked ?? 0) < reach && total < reach * 2;

/** "31 of 289 frames tracked anew". @param {any} job */
const stretchFacts = ({ tracked, reach, state }) =>
  state === "queued" ? "" : `${grouped(tracked ?? 0)} of ${grouped(reach)} frames tracked anew`;

/** "waiting, 2nd", "40 % · 10 s left", "ready". @param {any} job */
function sideFacts({ state, done, total, eta_s, position, note }) {
  if (state === "queued") return position > 1 ? `waiting, ${ordinal(position)}` : "waiting";
  const left = done ? timeLeft(eta_s) : "";
  if (state === "running" && note) return [note, left].filter(Boolean).join(" "); // "Masks are being drawn: 31 of 61. 10 s left"
  if (state !== "running") return SIDE_ENDS[state] ?? "";
  return [total ? `${Math.floor(percent(done, total))} %` : "", left].filter(Boolean).join(" · ");
}

/** "48 made, 51 approved kept"; what a stopped fill left; empty where there is nothing to say. @param {any} job */
export const jobMasks = ({ kind, made, kept, ...job }) =>
  [kept && kind !== "repair" ? `${grouped(made)} made, ${grouped(kept)} approved kept` : "", fillLeft(job)].filter(Boolean).join("; ");

/** "→ frames 0 – 89", "→ ← frames 10 – 40" of a fill; of a run that began at a frame of its own those from there on. @param {any} job */
export function jobReach({ direction, start, end, from_frame = null, mode = null }) {
  if (start === undefined || start === null || end === null) return "";
  const first = direction === "forward" ? Math.max(start, from_frame ?? start) : start;
  const last = direction === "backward" ? Math.min(end, from_frame ?? end) : end;
  return `${mode === "fill" ? "→ ←" : (WAYS[direction] ?? "→")} frames ${first} – ${last}`;
}
