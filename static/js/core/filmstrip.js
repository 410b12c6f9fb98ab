/** Chooses the frames of the filmstrip: multiples of a round step, so that panning and zooming show the same ones again. */

const STEPS = [1, 1.5]; // times a power of two: a picture is at most half as wide again as it should be

/** The least round step whose frames are at least as wide as a picture. @param {number} least frames */
export function stripStep(least) {
  for (let power = 1; ; power *= 2) {
    for (const base of STEPS) if (base * power >= least && Number.isInteger(base * power)) return base * power;
  }
}

/**
 * @param {import("./timespan.js").Scale} scale @param {number} picture_px how wide a picture is at least
 * @param {number} num_frames that can be shown
 * @returns {{frame_idx: number, frames: number}[]} each stands for so many frames
 */
export function stripFrames(scale, picture_px, num_frames) {
  if (!num_frames) return []; // of a file that is no video not even the size is known
  const step = stripStep(picture_px / scale.px);
  const shown = [];
  for (let frame_idx = Math.floor(scale.first / step) * step; frame_idx <= scale.last; frame_idx += step) {
    if (frame_idx < num_frames) shown.push({ frame_idx, frames: step });
  }
  return shown;
}

/**
 * The middle part of a picture that fills a place, in px of the picture: x, y, width, height. It never reaches over the
 * picture's edge, not even by a rounding error, since WebKit then draws nothing.
 * @param {{width: number, height: number}} picture @param {{width: number, height: number}} place
 */
export function middlePart(picture, place) {
  const scale = Math.max(place.width / picture.width, place.height / picture.height);
  const width = Math.min(picture.width, place.width / scale);
  const height = Math.min(picture.height, place.height / scale);
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}
