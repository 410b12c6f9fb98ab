/** Carries placed keypoints to the frames around them, and tells how it ended. */

import { carriedWords } from "../core/keypoint_marks.js";
import { extentOf, isSet } from "../core/range.js";
import { keypointsHere } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function}} deps */
export function carryingCommands({ store, ops, toast }) {
  const own = new Set(); // job_ids of this window: it tells how they end

  const selected = () =>
    keypointsHere(store.state).find(({ keypoint }) => keypoint.keypoint_id === store.state.annotations.keypoint_id);

  /** Carry the selected keypoint, or all of the selected instance; over the range, or the whole video without one. */
  async function carryKeypoints() {
    const { video, annotations, playback } = store.state;
    const found = selected();
    const instance_id = found?.instance_id ?? annotations.instance_id;
    if (!video.open || instance_id === null) return;
    const has_any = (annotations.keypoints[instance_id] ?? []).some(({ derived }) => !derived);
    if (!found && !has_any) return toast({ level: "info", message: "This instance has no keypoint to carry.", hint: "Press K and click where one belongs." });
    const names = found ? { names: [found.keypoint.name] } : {};
    const { first, last } = extentOf(playback.range, video.open.num_frames);
    const span = isSet(playback.range) ? { start: first, end: last } : {};
    const ack = await ops.submit("carry_keypoints", { video_id: video.open.video_id, instance_id, ...names, ...span }).answer;
    if (!ack.job_id) return;
    own.add(ack.job_id);
    const job = store.state.jobs.by_id[ack.job_id];
    if (job?.ended) carryEnded(job); // a short one ends before its answer is here
  }

  /** Tell how the carrying ended that this window started. @param {any} job */
  function carryEnded(job) {
    if (!own.delete(job.job_id)) return;
    if (job.state === "failed") {
      const is_empty = job.error.code === "nothing_to_do";
      toast({ level: is_empty ? "info" : "error", ...job.error });
      if (is_empty) store.dispatch({ type: "job_dismissed", job_id: job.job_id });
    }
    if (job.state !== "done") return;
    if (!job.undo_at) return toast({ level: "info", message: carriedWords(job) });
    const { frame_idx, ...pair } = job.undo_at;
    store.dispatch({ type: "repaired", place: job.undo_at });
    const undo = { key: { video_id: job.video_id, ...pair }, frame_idx, scope: "keypoints" };
    toast({ level: "success", message: carriedWords(job), action: "undoAt", args: [undo] });
  }

  return { carryKeypoints, carryEnded };
}
