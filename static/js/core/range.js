/** The in and out marks: frames from one to the other, both included; a missing mark is the end of the video. */

/** @typedef {{start: number | null, end: number | null}} Range */

/** @type {Range} */
export const NO_RANGE = Object.freeze({ start: null, end: null });

/** @param {Range} range */
export const isSet = ({ start, end }) => start !== null || end !== null;

/** The frames meant. @param {Range} range @param {number} num_frames @returns {{first: number, last: number}} */
export const extentOf = ({ start, end }, num_frames) => ({ first: start ?? 0, last: end ?? Math.max(0, num_frames - 1) });

/** Within the video; a mark set beyond the other one takes it away. @param {Range} range @param {"start" | "end"} moved @param {number} num_frames @returns {Range} */
export function rangeOf({ start, end }, moved, num_frames) {
  const inside = (frame_idx) => (frame_idx === null ? null : Math.min(Math.max(0, frame_idx), num_frames - 1));
  const range = { start: inside(start), end: inside(end) };
  if (range.start !== null && range.end !== null && range.start > range.end) {
    range[moved === "start" ? "end" : "start"] = null;
  }
  return range;
}

/** The ends of a stretch drawn in either direction. @param {number} from @param {number} to @returns {Range} */
export const stretch = (from, to) => ({ start: Math.min(from, to), end: Math.max(from, to) });

/** "310 – 1203", "310 – end", "all frames". @param {Range} range */
export const rangeWords = (range) =>
  isSet(range) ? `${range.start ?? "begin"} – ${range.end ?? "end"}` : "all frames";
