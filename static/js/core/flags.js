/** Finds the masks that a run flagged, and words their flags. */

import { titleOf } from "./instance_names.js";

/** @typedef {{start: number, end: number, flag: string}} FlaggedRun end is the last frame, inclusive */

const KNOWN = new WeakMap();
const WORDS = { lost: "lost", swallow: "mask fills the frame", scene_cut: "scene cut" };

/** A flag in two or three words. @param {string} flag */
export const flagWords = (flag) => WORDS[flag] ?? flag;

/**
 * Neighbouring frames of one flag. The answer is remembered for the same object.
 * @param {Record<number, import("./wire.js").MaskFact>} masks
 * @returns {FlaggedRun[]} by their first frame
 */
export function flaggedRuns(masks) {
  const known = KNOWN.get(masks);
  if (known) return known;
  const runs = [];
  const open = {}; // the run of each flag that may go on
  for (const name of Object.keys(masks)) {
    const frame_idx = Number(name);
    for (const flag of masks[frame_idx].flags ?? []) {
      const last = open[flag];
      if (last && last.end === frame_idx - 1) last.end = frame_idx;
      else runs.push((open[flag] = { start: frame_idx, end: frame_idx, flag }));
    }
  }
  KNOWN.set(masks, runs);
  return runs;
}

/**
 * Flagged runs with a mask that is not approved, from the first such mask on; several that begin together are one place.
 * @param {Record<number, import("./wire.js").MaskFact>} masks
 * @returns {{frame_idx: number, end: number, why: string}[]}
 */
export function flaggedPlaces(masks) {
  const places = new Map();
  for (const { start, end, flag } of flaggedRuns(masks)) {
    let frame_idx = start;
    while (frame_idx <= end && masks[frame_idx].approved) frame_idx += 1;
    if (frame_idx > end) continue;
    const same = places.get(frame_idx);
    const why = same ? `${same.why}, ${flagWords(flag)}` : flagWords(flag);
    places.set(frame_idx, { frame_idx, end: Math.max(end, same?.end ?? end), why });
  }
  return [...places.values()];
}

/** The flagged run at a place of a lane, or close to it. @param {any} masks @param {number} frame_idx @param {number} reach frames */
export const flaggedNear = (masks, frame_idx, reach) =>
  flaggedRuns(masks).find(({ start, end }) => start - reach <= frame_idx && frame_idx <= end + reach) ?? null;

/** The stretch around a frame on which a run lost the object, or null. @param {any} masks @param {number} frame_idx */
export const lostAt = (masks, frame_idx) =>
  flaggedRuns(masks).find(({ start, end, flag }) => flag === "lost" && start <= frame_idx && frame_idx <= end) ?? null;

/** "frames 57–80: lost", "frame 12: scene cut". @param {FlaggedRun} run */
export const placeWords = ({ start, end, flag }) =>
  `${start === end ? `frame ${start}` : `frames ${start}–${end}`}: ${flagWords(flag)}`;

/** "2 · tool wrist", or how many pairs. @param {{instance_id: number, region: string}[]} pairs @param {{instance_id: number, name: string}[]} instances */
export function pairsWords(pairs, instances) {
  if (pairs.length > 1) return `${pairs.length} pairs`;
  const [{ instance_id, region }] = pairs;
  const instance = instances.find((listed) => listed.instance_id === instance_id);
  return `${instance ? titleOf(instance) : `instance ${instance_id}`} ${region}`;
}

const isSamePair = (a, b) => a.instance_id === b.instance_id && a.region === b.region;

/** Tell if two runs have a pair in common; "all" has one with any. @param {any} pairs @param {any} other */
export function sharePair(pairs, other) {
  if (!Array.isArray(pairs) || !Array.isArray(other)) return true;
  return pairs.some((a) => other.some((b) => isSamePair(a, b)));
}

/** Tell if a run goes over every pair of another one. @param {any} pairs @param {any} other */
export function coversPairs(pairs, other) {
  if (!Array.isArray(pairs)) return true;
  return Array.isArray(other) && other.every((b) => pairs.some((a) => isSamePair(a, b)));
}
