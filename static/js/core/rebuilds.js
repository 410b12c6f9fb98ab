/** Words for rebuilds: all masks made again from the saved prompts, by any model, beside the saved masks. */

import { counted } from "./format.js";
import { pairsText } from "./run_history.js";

/** @import { Rebuild } from "./slices/run_history.js" */

/** "Rebuilt by demo · 1 shaft, 2 wrist". @param {Rebuild} rebuild */
export const rebuildTitle = ({ model, pairs }) => `Rebuilt by ${model} · ${pairsText(pairs)}`;

/** "IoU 0.93 with the masks of now, 0.41 at worst, on 89 masks". @param {Rebuild} rebuild */
export function rebuildFacts({ pairs }) {
  const known = pairs.filter(({ compared }) => compared > 0);
  const compared = known.reduce((sum, pair) => sum + pair.compared, 0);
  if (!compared) return "no mask to compare with";
  const mean = known.reduce((sum, pair) => sum + pair.mean_iou * pair.compared, 0) / compared;
  const worst = Math.min(...known.map(({ min_iou }) => min_iou));
  return `IoU ${mean.toFixed(2)} with the masks of now, ${worst.toFixed(2)} at worst, on ${counted(compared, "mask")}`;
}

/** IoU of rebuilt and saved masks, by pair and frame. @param {any} report with every frame */
export const iousOf = ({ pairs }) =>
  pairs.map(({ instance_id, region, frames }) => ({ instance_id, region, ious: frames.filter(({ iou }) => iou !== null).map(({ frame_idx, iou }) => [frame_idx, iou]) }));

/** Models that can rebuild now: those whose weights are there. @param {{name: string, state: string}[]} models */
export const readyModels = (models) => models.filter(({ state }) => state === "selected" || state === "ready").map(({ name }) => name);
