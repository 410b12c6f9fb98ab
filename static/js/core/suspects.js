/** Finds suspicious frames, to be checked before a video is done. */

import { isDoubtful } from "./confidence.js";
import { sidesDisagree } from "./agreement.js";
import { flaggedPlaces } from "./flags.js";
import { maskSpans } from "./mask_spans.js";

const WHY = { unsure: "the model is unsure", absent: "the object is not seen" };

/**
 * The first frame of each suspicious run in one lane: rejected, flagged, filled from sides that disagree, unsure, stale or missing. Approved masks, absent
 * frames and masks that a person painted empty are not suspicious; a flagged stretch is one place, however unsure the model was in it.
 * @param {any} masks @param {Record<number, import("./wire.js").FramePrompt>} [prompts]
 * @returns {{frame_idx: number, end: number, why: string}[]}
 */
export function suspectsOf(masks, prompts = {}) {
  const { bars, confidence, rejected, gaps } = maskSpans(masks);
  const redo = rejected.map((run) => ({ ...run, why: redoWords(run.kind) }));
  const isAnswered = (mask, prompt) => mask?.approved || mask?.absent || isPaintedEmpty(mask, prompt);
  const isOpen = (frame_idx) => !isAnswered(masks[frame_idx], prompts[frame_idx]);
  const isUnflagged = (frame_idx) => !masks[frame_idx]?.flags?.length;
  const doubtful = confidence.filter(({ kind }) => isDoubtful(kind)).map((run) => ({ ...run, why: WHY[run.kind] }));
  const apart = apartRuns(masks).map((run) => ({ ...run, why: "the two sides of the fill disagree" }));
  const stale = bars.filter(({ kind }) => kind === "stale").map((run) => ({ ...run, why: "the prompts or the model changed since" }));
  const missing = gaps.map((run) => ({ ...run, why: "no mask" }));
  return joined([
    ...redo.map(({ start, end, why }) => ({ frame_idx: start, end, why })),
    ...flaggedPlaces(masks).filter(({ frame_idx }) => isOpen(frame_idx)),
    ...firsts(apart, isOpen),
    ...firsts(doubtful, (frame_idx) => isOpen(frame_idx) && isUnflagged(frame_idx)),
    ...firsts([...stale, ...missing], isOpen),
  ]);
}

/** Stretches of masks on which the sides of a fill disagree. */
function apartRuns(masks) {
  const runs = [];
  for (const name of Object.keys(masks)) {
    const frame_idx = Number(name);
    if (!sidesDisagree(masks[name])) continue;
    if (runs.at(-1)?.end === frame_idx - 1) runs.at(-1).end = frame_idx;
    else runs.push({ start: frame_idx, end: frame_idx });
  }
  return runs;
}

/** "redo: wrong object". @param {string} [reason] why a person rejected a mask */
export const redoWords = (reason) => (reason ? `redo: ${reason}` : "redo");

/** A person painted that the object is not there. */
const isPaintedEmpty = (mask, prompt) =>
  mask?.source === "human" && !mask.box && Boolean(prompt?.mask) && !prompt.points.length && !prompt.box;

/** Each run from its first frame on that is still open. */
const firsts = (runs, isOpen) =>
  runs.flatMap(({ start, end, why }) => {
    let frame_idx = start;
    while (frame_idx <= end && !isOpen(frame_idx)) frame_idx += 1;
    return frame_idx > end ? [] : [{ frame_idx, end, why }];
  });

/** Places on the same frame are one, with all its reasons. */
function joined(places) {
  const by_frame = new Map();
  for (const { frame_idx, end, why } of places) {
    const same = by_frame.get(frame_idx);
    by_frame.set(frame_idx, same ? { frame_idx, end: Math.max(end, same.end), why: `${same.why}, ${why}` } : { frame_idx, end, why });
  }
  return [...by_frame.values()];
}
