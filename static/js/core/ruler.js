/** The distance between the marks of the timeline's ruler. */

/** Distances between ruler marks that leave at least room_px each. @param {number} num_frames @param {number} width_px @param {number} [room_px] */
export function rulerStep(num_frames, width_px, room_px = 72) {
  const least = (num_frames * room_px) / Math.max(1, width_px);
  for (let power = 1; ; power *= 10) {
    for (const base of [1, 2, 5]) if (base * power >= least) return base * power;
  }
}
