/** Exports: started with the choices of the dialog, made while other work goes on, told of when they end. */

import { disjoint } from "../core/disjoint.js";
import { chosenFormat, exportStep, orderOf, refusalOf, refused } from "../core/exports.js";
import { isReady } from "../core/jobs.js";
import { currentPair } from "../core/selectors.js";
import { startExport as askFor } from "../net/api.js";
import { exportChoiceCommands } from "./export_choices.js";
import { exportListCommands } from "./export_list.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function}} deps */
export function exportCommands(deps) {
  const list = exportListCommands(deps);
  return disjoint(exportChoiceCommands(deps), list, exportJobCommands({ ...deps, ...list }));
}

/** @param {{store: Store, toast: Function, readExports: () => Promise<void>, downloadExport: (export_id: string) => Promise<void>}} deps */
function exportJobCommands({ store, toast, readExports, downloadExport }) {
  const own = new Set(); // job_ids of this window: it tells how they end
  const set = (type, fields) => store.dispatch({ type, ...fields });
  const answered = (error) => set("export_answered", { error });

  /** The next step of the dialog: write the export, then download it. */
  function goOnExporting() {
    const step = exportStep(store.state);
    if (step === "export") return startExport();
    if (step === "download") return downloadExport(store.state.exchange.exporting.job_id);
  }

  /** Download the newest export that is ready, and put its card away. @returns {Promise<void> | false} false: there is none */
  function downloadReady() {
    const job = Object.values(store.state.jobs.by_id).findLast(isReady);
    if (!job) return false;
    set("job_dismissed", { job_id: job.job_id });
    return downloadExport(job.job_id);
  }

  /** Start it; an obstacle is shown beside the choice it is about. */
  async function startExport() {
    const { state } = store;
    const { wishes } = state.view;
    const { formats, exporting } = state.exchange;
    const format = formats && chosenFormat(formats.exporters, wishes);
    if (!format || !state.video.open || exporting.busy) return;
    const selected = currentPair(state);
    const error = refused(state, wishes, format, selected);
    if (error) return answered(error);
    set("export_sent", {});
    try {
      const { video_id } = state.video.open;
      const { job_id } = await askFor(video_id, orderOf(state, wishes, format, selected));
      own.add(job_id);
      queued(job_id, video_id, format);
      set("export_answered", { error: null, job_id });
      const job = store.state.jobs.by_id[job_id];
      if (job?.ended) await exportEnded(job); // a small one ends before its answer is here
    } catch (failure) {
      answered(refusalOf(failure, format));
    }
  }

  /** The card of the job is there from the answer on, or from its first progress. */
  function queued(job_id, video_id, { name, label }) {
    if (store.state.jobs.by_id[job_id]) return;
    const job = { job_id, kind: "export", state: "queued", done: 0, total: 0, eta_s: null, format: name, label };
    set("job_progress", { ...job, video_id });
  }

  /** Tell how an export ended. @param {any} job */
  async function exportEnded({ job_id, video_id, state, label, error }) {
    if (video_id !== store.state.video.open?.video_id) return;
    if (state === "failed" && store.state.view.dialog === "export") return answered({ field: null, ...error });
    if (state !== "done") return;
    await readExports();
    if (own.delete(job_id) && store.state.view.dialog !== "export") {
      toast({ level: "info", message: `${label} is ready.`, action: "downloadExport", args: [job_id] });
    }
  }

  return { startExport, goOnExporting, downloadReady, exportEnded };
}
