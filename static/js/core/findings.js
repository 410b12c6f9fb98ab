/** Counts what a person should look at in the masks of a finished run. */

import { confidenceOf, isDoubtful } from "./confidence.js";
import { sidesDisagree } from "./agreement.js";
import { flagWords } from "./flags.js";
import { counted, grouped } from "./format.js";
import { framesOf } from "./jobs.js";
import { pairOfKey } from "./pairs.js";

/**
 * "90 frames, 2 lost, 37 unsure"; empty for a run that is not done, or in which nothing is to be looked at. Approved
 * masks count no longer; a flagged one counts by its first flag only.
 * @param {any} job @param {Record<string, Record<number, import("./wire.js").MaskFact>>} masks by pair
 */
export function findingWords(job, masks) {
  if (job.kind !== "propagate" || job.state !== "done" || !Array.isArray(job.pairs)) return "";
  const found = new Map();
  for (const pair of job.pairs) {
    for (const [what, count] of findingsIn(masks[pairOfKey(pair)] ?? NO_MASKS, job)) found.set(what, (found.get(what) ?? 0) + count);
  }
  if (!found.size) return "";
  const order = [...found].sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  return [counted(framesOf(job).of, "frame"), ...order.map(([what, count]) => `${grouped(count)} ${what}`)].join(", ");
}

const NO_MASKS = {};
const KNOWN = new WeakMap(); // masks of a pair → counts by frames

/** Return how many masks of a pair want a look, by why. The answer is remembered for the same object. */
function findingsIn(masks, { start, end }) {
  const known = KNOWN.get(masks) ?? new Map();
  KNOWN.set(masks, known);
  const name = `${start} ${end}`;
  if (!known.has(name)) known.set(name, countByReason(masks, start, end));
  return known.get(name);
}

function countByReason(masks, start, end) {
  const found = new Map();
  for (const [name, mask] of Object.entries(masks)) {
    const is_inside = Number(name) >= start && Number(name) <= end;
    const what = is_inside && !mask.approved ? findingOf(mask) : null;
    if (what) found.set(what, (found.get(what) ?? 0) + 1);
  }
  return found;
}

const UNSURE = "unsure";
const APART = "where the sides disagree";
const ORDER = ["lost", "swallow", "scene_cut"].map(flagWords).concat(APART, UNSURE);

/** @param {import("./wire.js").MaskFact} mask */
function findingOf({ flags, score, agreement }) {
  if (flags?.length) return flagWords(flags[0]);
  if (sidesDisagree({ agreement })) return APART;
  return isDoubtful(confidenceOf(score)) ? UNSURE : null;
}
