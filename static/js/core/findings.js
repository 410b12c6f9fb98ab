/** Counts what a person should look at in the masks of a finished run. */

import { confidenceOf, isDoubtful } from "./confidence.js";
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
    for (const [name, mask] of Object.entries(masks[pairOfKey(pair)] ?? {})) {
      const is_inside = Number(name) >= job.start && Number(name) <= job.end;
      const what = is_inside && !mask.approved ? findingOf(mask) : null;
      if (what) found.set(what, (found.get(what) ?? 0) + 1);
    }
  }
  if (!found.size) return "";
  const order = [...found].sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  return [counted(framesOf(job).of, "frame"), ...order.map(([what, count]) => `${grouped(count)} ${what}`)].join(", ");
}

const UNSURE = "unsure";
const ORDER = ["lost", "swallow", "scene_cut"].map(flagWords).concat(UNSURE);

/** @param {import("./wire.js").MaskFact} mask */
function findingOf({ flags, score }) {
  if (flags?.length) return flagWords(flags[0]);
  return isDoubtful(confidenceOf(score)) ? UNSURE : null;
}
