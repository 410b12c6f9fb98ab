/** Chooses the masks that one press approves: a flagged stretch, or what waits in a range. */

import { confidenceOf, isDoubtful } from "./confidence.js";
import { flaggedRuns } from "./flags.js";

/** @typedef {Record<number, import("./wire.js").MaskFact>} Masks */

/** Join frames in order to [first, last]. @param {number[]} frames @returns {number[][]} */
export function spansOf(frames) {
  const spans = [];
  for (const frame_idx of frames) {
    if (spans.at(-1)?.[1] === frame_idx - 1) spans.at(-1)[1] = frame_idx;
    else spans.push([frame_idx, frame_idx]);
  }
  return spans;
}

/**
 * The frames of a flagged stretch that changes as a whole at its stop: the first frame that is not approved, or, to take
 * the approval back, the first one at all. Masks that are stale are left to themselves. Anywhere else: that frame only.
 * @param {Masks} masks @param {number} frame_idx of a mask @returns {number[]}
 */
export function framesToApprove(masks, frame_idx) {
  const { approved = false, stale = false } = masks[frame_idx];
  const isAlike = (mask) => Boolean(mask.approved) === approved && Boolean(mask.stale) === stale;
  const begins = ({ start }) => (approved ? start === frame_idx : range(start, frame_idx - 1).every((frame) => masks[frame].approved));
  const runs = flaggedRuns(masks).filter((run) => run.start <= frame_idx && frame_idx <= run.end && begins(run));
  const end = Math.max(frame_idx, ...runs.map((run) => run.end));
  return range(frame_idx, end).filter((frame) => isAlike(masks[frame]));
}

const range = (first, last) => Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);

/**
 * Masks in a range that wait for approval: those that follow from the prompts, and stale ones.
 * @param {Masks} masks @param {{first: number, last: number}} extent
 * @returns {{fresh: number[], stale: number[]}} frames in order
 */
export function waitingIn(masks, { first, last }) {
  const frames = Object.keys(masks).map(Number).filter((frame) => frame >= first && frame <= last && !masks[frame].approved);
  return { fresh: frames.filter((frame) => !masks[frame].stale), stale: frames.filter((frame) => masks[frame].stale) };
}

/** Return how many masks are flagged, or such that the model was unsure of them. @param {Masks} masks @param {number[]} frames */
export const doubtsIn = (masks, frames) =>
  frames.filter((frame) => masks[frame].flags?.length || isDoubtful(confidenceOf(masks[frame].score))).length;
