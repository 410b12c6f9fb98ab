/** Describes the mask under the pointer. */

import { confidenceWords } from "../../core/confidence.js";
import { sidesDisagree } from "../../core/agreement.js";
import { flaggedNear, placeWords } from "../../core/flags.js";
import { redoWords } from "../../core/suspects.js";

const NEAR_PX = 5; // of a mark, to be meant
const SOURCES = { human: "made by hand", propagated: "propagated", imported: "imported" };

/** "1 shaft, frame 12: propagated, sure (99 %), approved". @param {any} lane @param {number} frame_idx @param {number} px of one frame */
export function laneWords(lane, frame_idx, px) {
  const run = flaggedNear(lane.masks, frame_idx, Math.ceil(NEAR_PX / px));
  if (run) return `${lane.label}, ${placeWords(run)}`;
  return `${lane.label}, frame ${frame_idx}: ${maskWords(lane.masks[frame_idx], Boolean(lane.prompts[frame_idx]))}`;
}

function maskWords(mask, prompted) {
  if (!mask) return prompted ? "prompts, no mask yet" : "no mask";
  const { source, stale, score, approved, rejected, reason, absent, agreement = null } = mask;
  if (absent) return approved ? "marked absent, approved" : "marked absent";
  return [
    SOURCES[source] ?? source,
    prompted && "with prompts",
    stale && (source === "human" ? "stale: another model drew it; the next click here uses this one" : "stale: the prompts or the model changed since"),
    score !== null && score !== undefined && confidenceWords(score),
    agreement !== null && `${sidesDisagree(mask) ? "the sides of the fill disagree" : "both sides agree"} (IoU ${agreement.toFixed(2)})`,
    approved && "approved",
    rejected && redoWords(reason),
  ].filter(Boolean).join(", ");
}
