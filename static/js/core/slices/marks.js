/** Prompts, masks and keypoints of the open video, as they change. */

import { framesOf, unpackedMasks } from "../columns.js";
import { keypointTarget, promptTarget, target } from "../ops.js";
import { historyName, pairOfKey } from "../pairs.js";
import { isOpen } from "./open_video.js";

/** @import { Annotations } from "./annotations.js" */

/** @param {any[]} list @returns {Record<number, any>} */
export const byFrame = (list) => Object.fromEntries(list.map(({ frame_idx, ...it }) => [frame_idx, it]));

/** Masks by frame, from a list of them or from its columns. @param {any} masks @returns {Record<number, any>} */
export const masksByFrame = (masks) => (Array.isArray(masks) ? byFrame(masks) : unpackedMasks(masks));

const without = (record, name) => {
  const { [name]: gone, ...rest } = record ?? {};
  return rest;
};

/** The server announced the oldest of one's own ops on the target: it is over once it is acknowledged, too. */
function announced(ops, name) {
  const at = ops.findIndex((op) => !op.seen && target(op.event, op.data) === name);
  if (at < 0) return ops;
  const op = { ...ops[at], seen: true };
  return op.acked ? ops.toSpliced(at, 1) : ops.with(at, op);
}

function withHistory(annotations, instance_id, region, { frame_idx, undo, redo, undo_by, redo_by }) {
  if (undo === undefined) return annotations.history;
  const name = historyName(instance_id, region);
  const frames = { ...annotations.history[name], [frame_idx]: { undo, redo, undo_by, redo_by } };
  return { ...annotations.history, [name]: frames };
}

/** A pair's masks, each marked by whether its run still follows from the prompts; what no run made or a person approved stays as it is. */
function withStale(annotations, pair, stale_runs) {
  if (!stale_runs) return {};
  const masks = { ...annotations.masks[pair] };
  for (const [name, mask] of Object.entries(masks)) {
    const stale = mask.run === null || mask.approved ? Boolean(mask.stale) : stale_runs.includes(mask.run);
    if (Boolean(mask.stale) !== stale) masks[name] = { ...mask, stale };
  }
  return {
    masks: { ...annotations.masks, [pair]: masks },
    stale_runs: { ...annotations.stale_runs, [pair]: stale_runs },
  };
}

function promptsChanged(annotations, action, { session }) {
  const { key, frame_idx, rev, points, box, mask = false, client_id, stale_runs } = action;
  const pair = pairOfKey(key);
  const isOwn = client_id === session.client_id;
  const empty = points.length === 0 && !box && !mask;
  const frames = empty
    ? without(annotations.prompts[pair], frame_idx)
    : { ...annotations.prompts[pair], [frame_idx]: { points, box, mask, rev } };
  return {
    ...annotations,
    prompts: { ...annotations.prompts, [pair]: frames },
    ...withStale(annotations, pair, stale_runs),
    history: withHistory(annotations, key.instance_id, key.region, action),
    ops: isOwn ? announced(annotations.ops, promptTarget(pair, frame_idx)) : annotations.ops,
  };
}

/** Several masks at once: a run announces hundreds in a second. */
function masksSaved(annotations, { saved }) {
  const masks = { ...annotations.masks };
  for (const { key, frame_idx, rev, ...fact } of saved) {
    const pair = pairOfKey(key);
    const known = masks[pair]?.[frame_idx];
    if ((known?.rev ?? 0) > rev) continue; // overtaken by a newer one
    if (masks[pair] === annotations.masks[pair]) masks[pair] = { ...masks[pair] };
    const { source, score, area, box, run = known?.rev === rev ? known.run : null } = fact;
    const { flags = [], approved = false, absent = false, rejected = false, reason = null, agreement } = known?.rev === rev ? { ...known, ...fact } : fact;
    const stale = !approved && (annotations.stale_runs[pair]?.includes(run) ?? false);
    masks[pair][frame_idx] = { rev, source, score, area, box, run, stale, approved, rejected, reason, flags, absent, ...(agreement === undefined ? {} : { agreement }) };
  }
  return { ...annotations, masks };
}

/** Approve or reject masks, or take either back; their pixels stay the same. Approved masks are never stale. */
function masksApproved(annotations, { key, frames, approved, rejected = false, reason = null, stale = [] }) {
  const pair = pairOfKey(key);
  if (!annotations.masks[pair]) return annotations;
  const masks = { ...annotations.masks[pair] };
  const stale_frames = new Set(framesOf(stale));
  for (const frame_idx of framesOf(frames)) {
    if (masks[frame_idx]) masks[frame_idx] = { ...masks[frame_idx], approved, rejected, reason, stale: stale_frames.has(frame_idx) };
  }
  return { ...annotations, masks: { ...annotations.masks, [pair]: masks } };
}

/** A painted mask on its way to the server: it has no revision yet. */
function maskPainted(annotations, { key, frame_idx, box }) {
  const known = annotations.masks[pairOfKey(key)]?.[frame_idx];
  return masksSaved(annotations, { saved: [{ key, frame_idx, rev: known?.rev ?? 0, source: "human", box, run: null, flags: [], approved: false }] });
}

function maskDeleted(annotations, { key, frame_idx }) {
  const pair = pairOfKey(key);
  if (!annotations.masks[pair]?.[frame_idx]) return annotations;
  return { ...annotations, masks: { ...annotations.masks, [pair]: without(annotations.masks[pair], frame_idx) } };
}

/** The answer to one's own click: the pixels went to the mask cache, the facts come here. */
function maskArrived(annotations, action) {
  if (action.state === "removed") return maskDeleted(annotations, action);
  return masksSaved(annotations, { saved: [{ source: "human", ...action }] });
}

function keypointsChanged(annotations, action, { session }) {
  const { instance_id, frame_idx, keypoints, client_id } = action;
  const isOwn = client_id === session.client_id;
  const others = (annotations.keypoints[instance_id] ?? []).filter((keypoint) => keypoint.frame_idx !== frame_idx);
  return {
    ...annotations,
    keypoints: { ...annotations.keypoints, [instance_id]: [...others, ...keypoints] },
    history: withHistory(annotations, instance_id, null, action),
    ops: isOwn ? announced(annotations.ops, keypointTarget(instance_id)) : annotations.ops,
  };
}

/** The runs whose masks an answer calls stale. @param {Record<number, any>} masks by frame @returns {number[]} */
export function staleRuns(masks) {
  const runs = new Set();
  for (const frame_idx in masks) if (masks[frame_idx].stale && masks[frame_idx].run !== null) runs.add(masks[frame_idx].run);
  return [...runs];
}

/** The facts known of a pair, to be compared with a later answer about it. @param {Annotations} annotations @param {any} key */
export function knownOf(annotations, key) {
  const pair = pairOfKey(key);
  return { prompts: annotations.prompts[pair], masks: annotations.masks[pair], stale_runs: annotations.stale_runs[pair] };
}

/** The frames of an answer, but for those that were announced anew since it was asked for. */
function answeredFrames(frames, asked = {}, now = {}) {
  for (const name of Object.keys({ ...asked, ...now })) {
    const [before, after] = [asked[name], now[name]];
    if (before?.rev === after?.rev && before?.approved === after?.approved && before?.reason === after?.reason) continue;
    if ((frames[name]?.rev ?? 0) > (after ?? before).rev) continue;
    if (after) frames[name] = after;
    else delete frames[name];
  }
  return frames;
}

/** Replace a pair by the server's answer, except for facts that are newer. */
function pairReread(annotations, { key, prompts, masks, asked = knownOf(annotations, key) }) {
  const pair = pairOfKey(key);
  const now = knownOf(annotations, key);
  const answered = masksByFrame(masks);
  const stale_runs = now.stale_runs === asked.stale_runs ? staleRuns(answered) : now.stale_runs;
  const read = {
    ...annotations,
    prompts: { ...annotations.prompts, [pair]: answeredFrames(byFrame(prompts), asked.prompts, now.prompts) },
    masks: { ...annotations.masks, [pair]: answeredFrames(answered, asked.masks, now.masks) },
  };
  return { ...read, ...withStale(read, pair, stale_runs) };
}

function keypointsReread(annotations, { instance_id, keypoints }) {
  return { ...annotations, keypoints: { ...annotations.keypoints, [instance_id]: keypoints } };
}

/** The change, if the open video is meant. */
const ofOpenVideo = (change) => (annotations, action, state) =>
  isOpen(state, action.key?.video_id ?? action.video_id) ? change(annotations, action, state) : annotations;

/** @type {Record<string, import("./open_video.js").Case<import("./annotations.js").Annotations>>} */
export const MARK_CASES = {
  prompts_changed: ofOpenVideo(promptsChanged),
  mask: ofOpenVideo(maskArrived),
  mask_saved: (annotations, { saved }, state) =>
    masksSaved(annotations, { saved: saved.filter(({ key }) => isOpen(state, key.video_id)) }),
  mask_painted: ofOpenVideo(maskPainted),
  mask_deleted: ofOpenVideo(maskDeleted),
  masks_approved: ofOpenVideo(masksApproved),
  masks_changed: (annotations) => annotations, // many at once: they are read again
  keypoints_changed: ofOpenVideo(keypointsChanged),
  pair_reread: ofOpenVideo(pairReread),
  keypoints_reread: ofOpenVideo(keypointsReread),
};
