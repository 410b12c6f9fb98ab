/** The export dialog's data: the choices, the masks they select, and why that may be none. */

import { counted } from "./format.js";
import { splitPair } from "./pairs.js";
import { extentOf, isSet, rangeWords } from "./range.js";

/** @import { State } from "./state.js" */

/**
 * @typedef {{name: string, kind: string, default: any, help: string, choices: any[], low: number | null, high: number | null}} FormatOption
 * @typedef {{name: string, label: string, suffix: string, group: string, purpose: string, holds: string[], options: FormatOption[]}} Format
 * @typedef {{format: string | null, approved_only: boolean, stale: string, options: Record<string, Record<string, any>>}} Wishes
 *   kept in the browser; options: of each format, those that are not as they come
 * @typedef {{pairs: string, chosen: string[], frames: string}} Reach  of the open video only
 * @typedef {{field: string | null, message: string, hint: string}} Refusal  field: the control it is about
 */

/** @type {Wishes} */
export const NO_WISHES = Object.freeze({ format: null, approved_only: false, stale: "keep", options: {} });

/** @type {Reach} */
export const WHOLE = Object.freeze({ pairs: "all", chosen: [], frames: "all" });

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The usable part of stored choices: another version, or a hand, may have written them. @param {any} stored @returns {Wishes} */
export function readWishes(stored) {
  if (!isRecord(stored)) return NO_WISHES;
  const options = Object.entries(isRecord(stored.options) ? stored.options : {}).filter(([, chosen]) => isRecord(chosen));
  return {
    format: typeof stored.format === "string" ? stored.format : null,
    approved_only: stored.approved_only === true,
    stale: stored.stale === "leave_out" ? "leave_out" : "keep",
    options: Object.fromEntries(options),
  };
}

/** Formats under their headings, in the order they came. @param {Format[]} formats @returns {{group: string, formats: Format[]}[]} */
export function grouped(formats) {
  const groups = new Map();
  for (const format of formats) groups.set(format.group, [...(groups.get(format.group) ?? []), format]);
  return [...groups].map(([group, list]) => ({ group, formats: list }));
}

/** The format that is chosen, else the first. @param {Format[]} formats @param {Wishes} wishes */
export const chosenFormat = (formats, { format }) => formats.find(({ name }) => name === format) ?? formats[0] ?? null;

/** "soft_edge" → "Soft edge", "tolerance_px" → "Tolerance (px)". @param {string} name */
export function optionLabel(name) {
  const words = name.replace(/_px$/, " (px)").replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

/** Every option's value: the remembered one if it still fits, else the default. @param {Format} format @param {Wishes} wishes */
export function optionValues(format, wishes) {
  const own = wishes.options[format.name] ?? {};
  return Object.fromEntries(format.options.map((option) => [option.name, fits(option, own[option.name]) ? own[option.name] : option.default]));
}

function fits(option, value) {
  if (value === undefined || typeof value !== typeof option.default) return false;
  return option.kind !== "choice" || option.choices.includes(value);
}

/** Pairs that hold something: [{pair, label, colour, masks}]. @param {any[]} lanes */
export const pairChoices = (lanes) =>
  lanes
    .map(({ pair, label, colour, masks, prompts }) => ({ pair, label, colour, masks: Object.keys(masks).length, prompts: Object.keys(prompts).length }))
    .filter(({ masks, prompts }) => masks || prompts);

/** @param {State} state @param {Reach} reach @param {string | null} selected the selected pair @returns {string[]} names of pairs */
export function pairsMeant(state, reach, selected) {
  if (reach.pairs === "current") return selected ? [selected] : [];
  if (reach.pairs === "chosen") return reach.chosen;
  return [...new Set([...Object.keys(state.annotations.masks), ...Object.keys(state.annotations.prompts)])];
}

/**
 * Counts masks, prompts and keypoints, step by step as the choices narrow them.
 * @param {State} state @param {Wishes} wishes @param {string | null} selected
 */
export function counts(state, wishes, selected) {
  const reach = state.exchange.exporting;
  const pairs = pairsMeant(state, reach, selected);
  const range = reach.frames === "range" ? state.playback.range : { start: null, end: null };
  const { first, last } = extentOf(range, state.video.open.num_frames);
  const inside = (frame_idx) => Number(frame_idx) >= first && Number(frame_idx) <= last;
  const masks = pairs.flatMap((pair) => Object.entries(state.annotations.masks[pair] ?? {}));
  const here = masks.filter(([frame_idx]) => inside(frame_idx));
  const approved = here.filter(([, mask]) => !wishes.approved_only || mask.approved);
  const taken = approved.filter(([, mask]) => wishes.stale === "keep" || !mask.stale);
  const kept = new Set(taken.map(([, mask]) => mask));
  const instances = new Set(pairs.map((pair) => splitPair(pair).instance_id));
  const keypoints = Object.entries(state.annotations.keypoints).filter(([id]) => reach.pairs === "all" || instances.has(Number(id)));
  return {
    pairs: pairs.length,
    masks: masks.length,
    masks_here: here.length,
    approved: approved.length,
    taken: taken.length,
    pairs_taken: pairs.filter((pair) => Object.values(state.annotations.masks[pair] ?? {}).some((mask) => kept.has(mask))).length,
    frames: new Set(taken.map(([frame_idx]) => frame_idx)).size,
    marks: pairs.flatMap((pair) => Object.entries(state.annotations.prompts[pair] ?? {})).filter(([frame_idx]) => inside(frame_idx)).length,
    keypoints: keypoints.flatMap(([, list]) => list).filter(({ frame_idx }) => inside(frame_idx)).length,
  };
}

const refusal = (field, message, hint = "") => ({ field, message, hint });

/**
 * The reason why the export would be empty, or null.
 * @param {State} state @param {Wishes} wishes @param {Format} format @param {string | null} selected @returns {Refusal | null}
 */
export function refused(state, wishes, format, selected) {
  const { pairs, frames } = state.exchange.exporting;
  const found = counts(state, wishes, selected);
  if (pairs === "chosen" && !found.pairs) return refusal("pairs", "No pair is ticked.", "Tick those to export.");
  if (frames === "range" && !isSet(state.playback.range)) return refusal("frames", "No range is marked.", "Close this, mark it with [ and ], or take all frames.");
  if (format.holds.includes("keypoints") && found.keypoints) return null;
  if (format.holds.includes("prompts") && found.marks) return null;
  if (!found.masks && pairs === "all") return refusal("pairs", "This video has no masks yet.", "Click on an object, then propagate.");
  if (!found.masks) return refusal("pairs", pairs === "current" ? "The selected pair has no masks." : "These pairs have no masks.");
  if (!found.masks_here) return refusal("frames", `There are no masks on frames ${rangeWords(state.playback.range)}.`);
  if (!found.approved) return refusal("approved_only", found.masks_here === 1 ? "The mask is not approved." : `None of the ${counted(found.masks_here, "mask")} is approved.`, "Y approves the mask on screen, Shift+Y all of the range.");
  if (!found.taken) return refusal("stale", "All of these masks are stale.", "Propagate again, or keep them.");
  return null;
}

/** "31 masks of 2 pairs on 31 frames". @param {State} state @param {Wishes} wishes @param {string | null} selected */
export function summary(state, wishes, selected) {
  const found = counts(state, wishes, selected);
  return `${counted(found.taken, "mask")} of ${counted(found.pairs_taken, "pair")} on ${counted(found.frames, "frame")}`;
}

/** The request to the server. @param {State} state @param {Wishes} wishes @param {Format} format @param {string | null} selected */
export function orderOf(state, wishes, format, selected) {
  const { pairs, frames } = state.exchange.exporting;
  const named = pairs === "all" ? "all" : pairsMeant(state, state.exchange.exporting, selected).map(splitPair);
  const { first, last } = extentOf(frames === "range" ? state.playback.range : { start: null, end: null }, state.video.open.num_frames);
  const { approved_only, stale } = wishes;
  const chosen = { pairs: named, start: first, end: last, approved_only, stale };
  return { format: format.name, options: { ...chosen, ...optionValues(format, wishes) } };
}

/** A refusal of the server, placed beside the option it names. @param {{message: string, hint?: string}} error @param {Format} format @returns {Refusal} */
export function refusalOf({ message, hint = "" }, format) {
  const field = format.options.find(({ name }) => message.startsWith(`${name} `))?.name ?? null;
  return refusal(field, message, hint);
}

const isUnfinished = ({ state }) => state === "queued" || state === "running";

/**
 * Name the next step of the dialog's button: write the export, wait for it, or download it.
 * @param {State} state @returns {"export" | "making" | "download"}
 */
export function exportStep({ exchange: { exporting }, jobs }) {
  const job = exporting.job_id === null ? null : jobs.by_id[exporting.job_id];
  if (job && isUnfinished(job)) return "making";
  return job?.state === "done" ? "download" : "export";
}

/** Exports that are being made and those that are whole, the newest first. @param {Record<string, any>} jobs @param {any[] | null} exports */
export function exportRows(jobs, exports) {
  const whole = [...(exports ?? [])].reverse();
  const making = Object.values(jobs).filter((job) => job.kind === "export" && isUnfinished(job));
  return { making: making.reverse(), whole };
}
