/** Finds suspicious frames, to be checked before a video is done. */

import { isDoubtful } from "./confidence.js";
import { flaggedRuns, flagWords } from "./flags.js";
import { maskSpans } from "./mask_spans.js";

/** @typedef {{pair: string, frame_idx: number, why: string}} Suspect */

const WHY = { unsure: "the model is unsure", absent: "the object is not seen" };

/**
 * The first frame of each suspicious run in one lane: flagged, unsure, stale or missing. Approved
 * masks are not suspicious.
 * @param {any} masks @returns {{frame_idx: number, why: string}[]}
 */
export function suspectsOf(masks) {
  const { bars, confidence, gaps } = maskSpans(masks);
  const runs = [
    ...flaggedRuns(masks).map((run) => ({ ...run, why: flagWords(run.flag) })),
    ...confidence.filter(({ kind }) => isDoubtful(kind)).map((run) => ({ ...run, why: WHY[run.kind] })),
    ...bars.filter(({ kind }) => kind === "stale").map((run) => ({ ...run, why: "the prompts or the model changed since" })),
    ...gaps.map((run) => ({ ...run, why: "no mask" })),
  ];
  return runs.flatMap(({ start, end, why }) => {
    let frame_idx = start;
    while (frame_idx <= end && masks[frame_idx]?.approved) frame_idx += 1;
    return frame_idx > end ? [] : [{ frame_idx, why }];
  });
}

/**
 * The nearest suspicious frame of any pair that is shown; the selected pair's where several are.
 * @param {{pair: string, hidden: boolean, active: boolean, masks: any}[]} lanes
 * @param {number} frame_idx @param {number} way 1 or -1 @returns {Suspect | null}
 */
export function nextSuspect(lanes, frame_idx, way) {
  let best = null;
  for (const { pair, hidden, active, masks } of lanes) {
    if (hidden) continue;
    for (const suspect of suspectsOf(masks)) {
      const far = (suspect.frame_idx - frame_idx) * way;
      if (far <= 0 || (best && (far > best.far || (far === best.far && (!active || best.pair === pair))))) continue;
      best = { ...suspect, pair, far };
    }
  }
  return best && { pair: best.pair, frame_idx: best.frame_idx, why: best.why };
}
