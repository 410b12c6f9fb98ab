/** The frames the timeline shows and their positions: zoom, pan, follow. */

/**
 * @typedef {{from: number, frames: number}} Span  first frame shown and how many, fractions included
 * @typedef {{inner: number, px: number, x: (frame: number) => number, at: (x: number) => number,
 *   first: number, last: number}} Scale  px: of one frame; first, last: frames at least partly in view
 */

export const LABEL_PX = 128; // the names of the lanes, left of the frames
export const RIGHT_PX = 14;
const LEAST_FRAMES = 8; // no closer: every frame is wide enough to hit
const MARGIN = 0.1; // of the span, kept before a frame that is followed

/** The whole video is null: it stays whole when more frames are found. @param {Span | null} span @param {number} num_frames @returns {Span} */
export const shownSpan = (span, num_frames) => span ?? { from: 0, frames: Math.max(1, num_frames) };

const within = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

function held(from, frames, num_frames) {
  if (frames >= num_frames) return null;
  return { from: within(from, 0, num_frames - frames), frames };
}

/**
 * Zoom so that what lies at `at` stays where it is.
 * @param {Span | null} span @param {number} at in frames @param {number} factor above 1: closer
 * @param {number} num_frames @returns {Span | null}
 */
export function zoomSpan(span, at, factor, num_frames) {
  const before = shownSpan(span, num_frames);
  const frames = Math.max(Math.min(LEAST_FRAMES, num_frames), before.frames / factor);
  const share = (at - before.from) / before.frames;
  return held(at - share * frames, frames, num_frames);
}

/** @param {Span | null} span @param {number} by frames @param {number} num_frames @returns {Span | null} */
export const panSpan = (span, by, num_frames) => span && held(span.from + by, span.frames, num_frames);

/** The least move that shows a frame; the very same span if it is in view. @param {Span | null} span @param {number} frame_idx @param {number} num_frames @returns {Span | null} */
export function followSpan(span, frame_idx, num_frames) {
  if (!span || (frame_idx >= span.from && frame_idx + 1 <= span.from + span.frames)) return span;
  const margin = span.frames * MARGIN;
  const from = frame_idx < span.from ? frame_idx - margin : frame_idx + 1 + margin - span.frames;
  return held(from, span.frames, num_frames);
}

/** The frames around a range, with room on both sides. @param {number} start @param {number} end inclusive @param {number} num_frames @returns {Span | null} */
export function spanAround(start, end, num_frames) {
  const wide = Math.max(LEAST_FRAMES, (end + 1 - start) / (1 - 2 * MARGIN));
  return held((start + end + 1 - wide) / 2, wide, num_frames);
}

/** @param {Span | null} span @param {number} num_frames @param {number} width CSS px of the whole timeline @returns {Scale} */
export function scaleOf(span, num_frames, width) {
  const { from, frames } = shownSpan(span, num_frames);
  const inner = Math.max(1, width - LABEL_PX - RIGHT_PX);
  const px = inner / frames;
  return {
    inner,
    px,
    x: (frame) => LABEL_PX + (frame - from) * px,
    at: (x) => from + (x - LABEL_PX) / px,
    first: Math.floor(from),
    last: Math.min(num_frames, Math.ceil(from + frames)) - 1,
  };
}

/** The frame under x, the nearest one of the video. @param {Scale} scale @param {number} x @param {number} num_frames */
export const frameUnder = (scale, x, num_frames) => within(Math.floor(scale.at(x)), 0, num_frames - 1);
