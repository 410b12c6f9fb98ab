/** A pair's masks as runs of frames, so that a lane of thousands of frames is a handful of bars. */

const KNOWN = new WeakMap();

const kindOf = (mask) => (mask.stale ? "stale" : mask.source);

/**
 * Neighbouring frames of one kind, in order. The answer is remembered for the same object.
 * @param {Record<number, import("./state.js").MaskFact>} masks
 * @returns {{start: number, end: number, kind: string}[]} end is the last frame, inclusive
 */
export function maskRuns(masks) {
  const known = KNOWN.get(masks);
  if (known) return known;
  const runs = [];
  for (const name of Object.keys(masks)) {
    const frame_idx = Number(name);
    const kind = kindOf(masks[frame_idx]);
    const last = runs.at(-1);
    if (last && last.end === frame_idx - 1 && last.kind === kind) last.end = frame_idx;
    else runs.push({ start: frame_idx, end: frame_idx, kind });
  }
  KNOWN.set(masks, runs);
  return runs;
}

/** Distances between ruler marks that leave at least room_px each. @param {number} num_frames @param {number} width_px @param {number} [room_px] */
export function rulerStep(num_frames, width_px, room_px = 72) {
  const least = (num_frames * room_px) / Math.max(1, width_px);
  for (let power = 1; ; power *= 10) {
    for (const base of [1, 2, 5]) if (base * power >= least) return base * power;
  }
}
