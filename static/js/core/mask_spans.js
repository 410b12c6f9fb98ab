/** A pair's masks as runs of frames: a lane of thousands of frames is a handful of bars. */

import { confidenceOf } from "./confidence.js";

/**
 * @typedef {{start: number, end: number, kind: string}} MaskRun  end is the last frame, inclusive
 * @typedef {{bars: MaskRun[], confidence: MaskRun[], approved: MaskRun[], rejected: MaskRun[], gaps: MaskRun[], seams: MaskRun[]}} MaskSpans
 */

const KNOWN = new WeakMap();

const kindOf = (mask) => (mask.absent ? "absent" : mask.stale ? "stale" : mask.source);

/** Lengthen the last run, or begin one; a null kind is none. */
function extend(runs, frame_idx, kind) {
  if (kind === null) return;
  const last = runs.at(-1);
  if (last && last.end === frame_idx - 1 && last.kind === kind) last.end = frame_idx;
  else runs.push({ start: frame_idx, end: frame_idx, kind });
}

/** Tell if two neighbours come from different runs. @param {import("./wire.js").MaskFact} before @param {import("./wire.js").MaskFact} mask */
const isSeam = ({ run: before = null }, { run = null }) => run !== null && before !== null && before !== run;

/**
 * List what a lane shows, in order: who made the masks, how sure the model was, what is approved or rejected, and
 * where masks are missing between others. The answer is remembered for the same object.
 * @param {Record<number, import("./wire.js").MaskFact>} masks @returns {MaskSpans}
 */
export function maskSpans(masks) {
  const known = KNOWN.get(masks);
  if (known) return known;
  const spans = { bars: [], confidence: [], approved: [], rejected: [], gaps: [], seams: [] };
  let last = null;
  for (const name of Object.keys(masks)) {
    const frame_idx = Number(name);
    const mask = masks[frame_idx];
    if (last !== null && frame_idx > last + 1) {
      spans.gaps.push({ start: last + 1, end: frame_idx - 1, kind: "gap" });
    }
    extend(spans.bars, frame_idx, kindOf(mask));
    extend(spans.confidence, frame_idx, confidenceOf(mask.score));
    extend(spans.approved, frame_idx, mask.approved ? "approved" : null);
    extend(spans.rejected, frame_idx, mask.rejected ? (mask.reason ?? "") : null);
    if (last === frame_idx - 1 && isSeam(masks[last], mask)) spans.seams.push({ start: frame_idx, end: frame_idx, kind: "seam" });
    last = frame_idx;
  }
  KNOWN.set(masks, spans);
  return spans;
}

/**
 * The runs that are in view, and of those closer together than can be told apart only some.
 * @template {{start: number, end: number}} R
 * @param {R[]} runs in order @param {import("./timespan.js").Scale} scale
 * @returns {R[]}
 */
export function runsInView(runs, { first, last, px }) {
  const least = 1 / px; // frames to a pixel
  const shown = [];
  let reached = -Infinity;
  for (let at = firstAt(runs, (run) => run.end >= first); at < runs.length && runs[at].start <= last; at += 1) {
    if (runs[at].end + 1 - reached < least) continue;
    shown.push(runs[at]);
    reached = runs[at].end + 1;
  }
  return shown;
}

/** The place of the first value that holds, where all behind it hold, too. @template V @param {V[]} values @param {(value: V) => boolean} holds */
export function firstAt(values, holds) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(values[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
