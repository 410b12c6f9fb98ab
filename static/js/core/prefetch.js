/** Frames and masks to load next, the most urgent first. */

import { pairName } from "./pairs.js";
import { extentOf, NO_RANGE } from "./range.js";

/** @import { State } from "./state.js" */

const AHEAD_PLAYING = 12; // frames
const AHEAD_BYTES = 140e6; // of decoded frames: less than half of what the cache holds
const AHEAD_RESTING = 3;
const BEHIND = 2;

/** Frames to have at hand: the one asked for, then those the user is heading for, then behind. @param {State} state @returns {number[]} */
export function framesWanted(state) {
  const video = state.video.open;
  const { frame_idx, heading, playing, scrubbing } = state.playback;
  if (!video) return [];
  const frames = playing ? framesPlayed(state) : [frame_idx];
  const way = heading || 1;
  if (!playing && !scrubbing) {
    for (let step = 1; step <= AHEAD_RESTING; step += 1) frames.push(frame_idx + step * way);
    for (let step = 1; step <= BEHIND; step += 1) frames.push(frame_idx - step * way);
  }
  const last = video.state === "ready" ? video.num_frames : video.extracted;
  return frames.filter((frame) => frame >= 0 && frame < last);
}

/** Ahead of playback: every frame, or every few where not all come in time; in a loop round its end. */
function framesPlayed({ video: { open: video }, playback: { frame_idx, pace, range }, view }) {
  const { first, last } = extentOf(view.loop ? range : NO_RANGE, video.num_frames);
  const most = Math.floor(AHEAD_BYTES / (video.width * video.height * 4));
  const frames = [frame_idx];
  while (frames.length <= Math.max(2, Math.min(AHEAD_PLAYING, most))) {
    const before = frames.at(-1);
    if (before < last) frames.push(Math.min(last, (Math.floor(before / pace.stride) + 1) * pace.stride));
    else if (view.loop && first < last) frames.push(first);
    else break;
  }
  return [...new Set(frames)];
}

/**
 * Masks to have at hand for those frames, of visible instances only.
 * @param {State} state @param {number[]} frames
 * @returns {{instance_id: number, region: string, frame_idx: number, rev: number, box: any}[]}
 */
export function masksWanted({ annotations: { masks, instances, regions }, view }, frames) {
  if (view.masks_hidden) return [];
  const pairs = instances
    .filter((instance) => !instance.hidden)
    .flatMap(({ instance_id }) => regions.filter((region) => !region.hidden).map(({ name }) => ({ instance_id, region: name })));
  return frames.flatMap((frame_idx) =>
    pairs.flatMap((pair) => {
      const mask = masks[pairName(pair.instance_id, pair.region)]?.[frame_idx];
      return mask ? [{ ...pair, frame_idx, rev: mask.rev, box: mask.box }] : [];
    }),
  );
}
