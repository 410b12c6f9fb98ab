/** What to load next, the most urgent first. */

import { pairName } from "./pairs.js";

const AHEAD_PLAYING = 12; // frames
const AHEAD_RESTING = 3;
const BEHIND = 2;

/** Frames to have at hand: the one asked for, then those the user is heading for, then behind. */
export function framesWanted({ video, frame_idx, heading, playing, scrubbing }) {
  if (!video) return [];
  const way = playing ? 1 : heading || 1;
  const ahead = scrubbing ? 0 : playing ? AHEAD_PLAYING : AHEAD_RESTING;
  const steps = [0];
  for (let step = 1; step <= ahead; step += 1) steps.push(step * way);
  if (!playing && !scrubbing) for (let step = 1; step <= BEHIND; step += 1) steps.push(-step * way);
  const last = video.state === "ready" ? video.num_frames : video.extracted;
  return steps.map((step) => frame_idx + step).filter((one) => one >= 0 && one < last);
}

/**
 * Masks to have at hand for those frames, of visible instances only.
 * @param {any} state @param {number[]} frames
 * @returns {{instance_id: number, region: string, frame_idx: number, rev: number, box: any}[]}
 */
export function masksWanted({ masks, instances, regions, view }, frames) {
  if (view.masks_hidden) return [];
  const pairs = instances
    .filter((one) => !one.hidden)
    .flatMap(({ instance_id }) => regions.filter((one) => !one.hidden).map(({ name }) => ({ instance_id, region: name })));
  return frames.flatMap((frame_idx) =>
    pairs.flatMap((pair) => {
      const mask = masks[pairName(pair.instance_id, pair.region)]?.[frame_idx];
      return mask ? [{ ...pair, frame_idx, rev: mask.rev, box: mask.box }] : [];
    }),
  );
}
