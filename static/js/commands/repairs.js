/** Repairs masks of a frame, a range or a pair: swapped, moved, deleted, cleaned; each is one step to undo. */

import { splitPair } from "../core/pairs.js";
import { isSet } from "../core/range.js";
import { repairWords, spanOf, targetOf } from "../core/repair.js";
import { currentPair, selectedFrame } from "../core/selectors.js";
import { cleanMasks, deleteMasks, moveMasks } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function, step: (by: number) => void}} deps */
export function repairCommands({ store, ops, toast, step }) {
  const own = new Set(); // job_ids of this window: it tells how they end

  /** Open the panel, or close it. @param {"move" | "clean"} open */
  function showRepair(open) {
    const { repair, video, playback } = store.state;
    if (!video.open) return;
    if (repair.open === open) return closeRepair();
    const kept = repair.scope === "range" ? "frame" : repair.scope;
    const scope = isSet(playback.range) ? "range" : kept;
    store.dispatch({ type: "repair_opened", open, scope: repair.open === null ? scope : repair.scope });
  }

  const closeRepair = () => store.dispatch({ type: "repair_opened", open: null });

  /** @param {any} choices fields of the panel */
  const chooseRepair = (choices) => store.dispatch({ type: "repair_chosen", ...choices });

  const keyHere = () => selectedFrame(store.state)?.key ?? null;

  /** Ask for a repair, and remember to tell how it ends. @param {(key: any, body: any) => Promise<any>} ask @param {any} body */
  async function start(ask, body, span = spanOf(store.state)) {
    const key = keyHere();
    if (!key || !span) return;
    const { job_id } = await ask(key, { frames: [span], client_id: store.state.session.client_id, ...body });
    watchRepair(job_id);
  }

  /** Tell how a repair ends that this window started. @param {string} job_id */
  function watchRepair(job_id) {
    own.add(job_id);
    const job = store.state.jobs.by_id[job_id];
    if (job?.ended) repairEnded(job); // a small one ends before its answer is here
  }

  /** Swap or move as the panel says. */
  function moveChosen() {
    const { way, prompts, approve } = store.state.repair;
    const target = targetOf(store.state);
    if (target) return start(moveMasks, { target: splitPair(target), swap: way === "swap", prompts, approve });
  }

  const cleanChosen = () => start(cleanMasks, { ...store.state.repair.cleaning, checked: store.state.repair.checked });
  const deleteChosen = () => start(deleteMasks, { checked: store.state.repair.checked });

  /** Delete the masks of the range, or of the frame on screen without one; what a person made or approved stays. */
  const deleteRange = () => start(deleteMasks, { checked: false }, spanOf(store.state, isSet(store.state.playback.range) ? "range" : "frame"));

  /** Copy the mask on screen to the next frame, and go there. */
  function copyMaskOn() {
    const here = selectedFrame(store.state);
    if (!here) return;
    const { key, frame_idx } = here;
    const mask = store.state.annotations.masks[currentPair(store.state)]?.[frame_idx];
    if (!mask) return toast({ level: "info", message: "There is no mask on this frame to copy." });
    if (frame_idx + 1 >= store.state.video.open.num_frames) return toast({ level: "info", message: "This is the last frame." });
    ops.submit("copy_mask", { key, frame_idx: frame_idx + 1, source_frame_idx: frame_idx });
    step(1);
  }

  /** Tell how a repair of this window ended. @param {any} job */
  function repairEnded(job) {
    if (!own.delete(job.job_id)) return;
    if (job.state === "failed") toast({ level: job.error.code === "nothing_to_do" ? "info" : "error", ...job.error });
    if (job.state === "failed" && job.error.code === "nothing_to_do") store.dispatch({ type: "job_dismissed", job_id: job.job_id });
    if (job.state !== "done") return;
    const { frame_idx, ...pair } = job.undo_at;
    store.dispatch({ type: "repaired", place: job.undo_at });
    toast({
      level: "success",
      message: repairWords(job),
      action: "undoAt",
      args: [{ key: { video_id: job.video_id, ...pair }, frame_idx }],
    });
  }

  return { showRepair, closeRepair, chooseRepair, moveChosen, cleanChosen, deleteChosen, deleteRange, copyMaskOn, watchRepair, repairEnded };
}
