/** Finds the gap between prompted or approved frames that a fill closes. */

import { extentOf, isSet } from "./range.js";
import { currentPair } from "./selectors.js";

/** @import { State } from "./state.js" */

/** @typedef {{pair: string, start: number, end: number, unheld: number[]}} Gap  unheld: its ends that are approved, but no prompts yet */

/**
 * Around the frame on screen, from the prompted or approved frame before it to the one after it; in a marked range from its
 * first prompted frame to its last. Null where there is nothing between two such frames.
 * @param {State} state @returns {Gap | null}
 */
export function gapHere(state) {
  const pair = currentPair(state);
  const { open } = state.video;
  if (!open || !pair) return null;
  const prompts = state.annotations.prompts[pair] ?? {};
  const masks = state.annotations.masks[pair] ?? {};
  const { range, frame_idx } = state.playback;
  const prompted = Object.keys(prompts).map(Number);
  const isPrompted = (frame) => Boolean(prompts[frame]);
  const approved = Object.keys(masks).map(Number).filter((frame) => masks[frame].approved && !masks[frame].absent && !isPrompted(frame));
  const { first, last } = extentOf(range, open.num_frames);
  const ends = isSet(range) ? prompted.filter((frame) => frame >= first && frame <= last) : [...prompted, ...approved];
  const before = isSet(range) ? ends : ends.filter((frame) => frame < frame_idx);
  const after = isSet(range) ? ends : ends.filter((frame) => frame > frame_idx);
  if (!before.length || !after.length) return null;
  const start = isSet(range) ? Math.min(...before) : Math.max(...before);
  const end = isSet(range) ? Math.max(...after) : Math.min(...after);
  const between = [...prompted, ...approved].filter((frame) => frame > start && frame < end).length;
  if (end - start - 1 <= between) return null;
  return { pair, start, end, unheld: [start, end].filter((frame) => !isPrompted(frame)) };
}
