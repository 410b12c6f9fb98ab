/** Makes all masks again from the saved prompts, by any model, beside the saved masks, to compare and to take over. */

import { pairName, splitPair } from "../core/pairs.js";
import { iousOf, rebuildFacts } from "../core/rebuilds.js";
import { isRebuild } from "../core/run_history.js";
import { currentPair } from "../core/selectors.js";
import * as api from "../net/api.js";
import { answersInOrder } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function, later: (ms: number, callback: () => void) => void, watchRepair: (job_id: string) => void, stopComparing: () => void}} deps */
export function rebuildCommands({ store, toast, later, watchRepair, stopComparing }) {
  const own = new Set(); // job_ids of this window: it tells how they end
  const inOrder = answersInOrder();
  const set = (type, fields = {}) => store.dispatch({ type, ...fields });
  const video = () => store.state.video.open?.video_id ?? null;

  async function readRebuilds() {
    const video_id = video();
    if (video_id === null) return;
    const answer = await inOrder(() => api.listRebuilds(video_id));
    if (answer && video() === video_id) set("rebuilds_listed", { rebuilds: answer.rebuilds });
  }

  /** Rebuild all pairs beside their masks. @param {string} model */
  async function startRebuild(model) {
    try {
      const { job_id } = await api.startRebuild(video(), { model });
      own.add(job_id);
      set("dialog_changed", { dialog: null });
      const job = store.state.jobs.by_id[job_id];
      if (job?.ended) rebuildEnded(job); // a short one ends before its answer is here
    } catch (error) {
      set("runs_failed", { error: { message: error.message, hint: error.hint } });
    }
  }

  /** Tell how a rebuild of this window ended. @param {any} job */
  async function rebuildEnded(job) {
    if (!own.delete(job.job_id)) return;
    if (job.state === "failed") toast({ level: "error", ...job.error });
    if (job.state !== "done" || job.video_id !== video()) return;
    await readRebuilds();
    const rebuild = store.state.run_history.rebuilds?.find(({ rebuild_id }) => rebuild_id === job.job_id);
    if (rebuild) toast({ level: "success", message: `Rebuilt by ${rebuild.model}: ${rebuildFacts(rebuild)}.`, ms: 9000, action: "compareRebuild", args: [job.job_id] });
  }

  /** Compare the masks of now with the rebuilt ones. @param {string} rebuild_id */
  async function compareRebuild(rebuild_id) {
    const report = await api.getRebuild(video(), rebuild_id);
    const ious = Object.fromEntries(iousOf(report).map((pair) => [pairName(pair.instance_id, pair.region), Object.fromEntries(pair.ious)]));
    set("run_compared", { run: rebuild_id, ious });
    if (store.state.view.dialog === "runs") set("dialog_changed", { dialog: null });
  }

  /** Replace the masks of the selected pair by those of the compared rebuild; none that a person made or approved. */
  async function takeRebuild() {
    const { compared } = store.state.run_history;
    const pair = currentPair(store.state);
    if (!isRebuild(compared) || !pair) return;
    const { job_id } = await api.takeRebuild(video(), compared, { pairs: [splitPair(pair)] });
    stopComparing();
    watchRepair(job_id);
  }

  store.watch((state) => state.view.dialog === "runs", (open) => open && later(0, () => readRebuilds().catch(() => {}))); // offline: the list of runs says so
  return { startRebuild, rebuildEnded, compareRebuild, takeRebuild };
}
