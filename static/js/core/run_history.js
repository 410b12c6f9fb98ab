/** Words for the runs of a video, and for what was before them. */

import { isFill } from "./agreement.js";
import { byteSize, counted, grouped } from "./format.js";
import { jobReach } from "./jobs.js";
import { currentPair } from "./selectors.js";

/** @import { Run } from "./slices/run_history.js" */
/** @import { State } from "./state.js" */

const MOST_PAIRS = 3;

/** "1 shaft, 2 wrist and 4 more". @param {Run["pairs"]} pairs */
export function pairsText(pairs) {
  const names = pairs.map(({ instance_id, region }) => `${instance_id} ${region}`);
  const rest = names.length - MOST_PAIRS;
  return rest > 0 ? `${names.slice(0, MOST_PAIRS).join(", ")} and ${rest} more` : names.join(", ");
}

/** "Run 3 · 1 shaft · → frames 0 – 89". @param {Run} run */
export const runTitle = (run) => [isFill(run) ? `Run ${run.run}: fill` : `Run ${run.run}`, pairsText(run.pairs), jobReach(run)].filter(Boolean).join(" · ");

/** "Anna · 30 Nov, 14:05 · demo · 3 prompts · 12 s". @param {Run} run @param {(seconds: number) => string} dateText */
export function runFacts({ client, created_at, model, prompts, took_s, state }, dateText) {
  const took = took_s === null ? "" : `${took_s < 10 ? took_s.toFixed(1) : Math.round(took_s)} s`;
  const ended = { cancelled: "stopped", failed: "failed", queued: "waiting", running: "running" }[state] ?? "";
  return [client, dateText(created_at), model, prompts ? `from ${counted(prompts, "prompted frame")}` : "", took, ended].filter(Boolean).join(" · ");
}

/** "180 masks made, 40 replaced; 12 can no longer be brought back". @param {Run} run */
export function runChanges({ made, kept, replaced, restorable, dropped, rolled_back }) {
  const words = [
    made === null ? "" : `${counted(made, "mask")} made`,
    replaced ? `${grouped(replaced)} replaced` : "",
    kept ? `${grouped(kept)} approved kept` : "",
    rolled_back ? "taken back" : "",
    restorable ? "" : "nothing of it to take back",
    dropped ? `what was before ${counted(dropped, "mask")} was dropped for room` : "",
  ];
  return words.filter(Boolean).join(", ");
}

/** "4 runs; 12 MB of masks are kept to take them back." @param {Run[] | null} list @param {number} bytes */
export function historySummary(list, bytes) {
  if (!list) return "";
  return list.length ? `${counted(list.length, "run")}; ${byteSize(bytes)} kept to take them back.` : "No run yet.";
}

/** Tell if what is compared is a rebuild, and not a run. @param {number | string | null} compared @returns {compared is string} */
export const isRebuild = (compared) => typeof compared === "string";

/** "Run 3 and before", "The rebuild by demo and now". @param {State["run_history"]} history */
export function comparedTitle({ compared, rebuilds }) {
  if (!isRebuild(compared)) return `Run ${compared} and before`;
  const model = rebuilds?.find(({ rebuild_id }) => rebuild_id === compared)?.model;
  return model ? `Rebuilt by ${model}, and now` : "Rebuilt, and now";
}

/** The run whose replaced mask is shown here, or the rebuild: what is compared, else the run that made the mask. @param {State} state @returns {number | string | null} */
export function runHere(state) {
  const { compared } = state.run_history;
  if (compared !== null) return compared;
  return state.annotations.masks[currentPair(state)]?.[state.playback.drawn_idx]?.run ?? null;
}

/** The IoU of before and after on the frame on screen, or null. @param {State} state @returns {number | null} */
export const iouHere = (state) => state.run_history.ious[currentPair(state)]?.[state.playback.drawn_idx] ?? null;

/** "frame 12: IoU 0.83", "frame 12: no mask was replaced". @param {State} state */
export function comparedWords(state) {
  const iou = iouHere(state);
  const at = `frame ${state.playback.drawn_idx ?? 0}`;
  if (iou === null) return isRebuild(state.run_history.compared) ? `${at}: no mask of the pair was compared here` : `${at}: this run replaced no mask of the pair here`;
  return iou === 1 ? `${at}: no pixel changed` : `${at}: IoU ${iou.toFixed(2)}`;
}
