/** Marks of keypoints as placed and as carried, and the words for them. */

import { counted } from "./format.js";

/** @typedef {{placed: number[], derived: {start: number, end: number}[]}} KeypointMarks placed: frames, in order */

/** @type {WeakMap<import("./wire.js").Keypoint[], KeypointMarks>} */
const known = new WeakMap();

/** The frames with a placed keypoint, and the stretches with derived ones only. @param {import("./wire.js").Keypoint[]} keypoints of an instance */
export function keypointMarks(keypoints) {
  const marks = known.get(keypoints) ?? marked(keypoints);
  known.set(keypoints, marks);
  return marks;
}

/** @type {WeakMap<import("./wire.js").Keypoint[], Map<number, import("./wire.js").Keypoint[]>>} */
const by_frame = new WeakMap();

/** The keypoints of one frame; a list is sorted by frame once. @param {import("./wire.js").Keypoint[] | undefined} keypoints of an instance @param {number | null} frame_idx */
export function keypointsAt(keypoints, frame_idx) {
  if (!keypoints || frame_idx === null) return [];
  const sorted = by_frame.get(keypoints) ?? sortedByFrame(keypoints);
  by_frame.set(keypoints, sorted);
  return sorted.get(frame_idx) ?? [];
}

function sortedByFrame(keypoints) {
  const sorted = new Map();
  for (const keypoint of keypoints) {
    const here = sorted.get(keypoint.frame_idx);
    if (here) here.push(keypoint);
    else sorted.set(keypoint.frame_idx, [keypoint]);
  }
  return sorted;
}

function marked(keypoints) {
  const placed = new Set(keypoints.filter(({ derived }) => !derived).map(({ frame_idx }) => frame_idx));
  const carried = new Set(keypoints.map(({ frame_idx }) => frame_idx).filter((frame_idx) => !placed.has(frame_idx)));
  const derived = [];
  for (const frame_idx of [...carried].sort((a, b) => a - b)) {
    if (derived.at(-1)?.end === frame_idx - 1) derived.at(-1).end = frame_idx;
    else derived.push({ start: frame_idx, end: frame_idx });
  }
  return { placed: [...placed].sort((a, b) => a - b), derived };
}

/** "Carried tip to 28 frames; not found on 2 frames." @param {any} job that is done */
export function carriedWords({ label, made, hidden }) {
  const rest = hidden ? `; not found on ${counted(hidden, "frame")}` : "";
  return `${made ? `Carried ${label} to ${counted(made, "frame")}` : `${label} is carried already`}${rest}.`;
}
