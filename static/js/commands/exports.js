/** What goes out: asked for, made beside everything else, downloaded, deleted. */

import { chosenFormat, orderOf, refusalOf, refused } from "../core/exports.js";
import { currentPair } from "../core/selectors.js";
import { ApiError, deleteExport, listExports, listFormats, startExport as askFor } from "../net/api.js";
import { download } from "../net/download.js";
import { upToDate } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function}} deps */
export function exportCommands({ store, toast }) {
  const own = new Set(); // jobs of this window: their end is told
  const set = (type, fields) => store.dispatch({ type, ...fields });

  /** Open the dialog for what is on screen. */
  async function showExport() {
    if (!store.state.video.open) return;
    set("export_answered", { error: null });
    set("dialog_changed", { dialog: "export" });
    await said(Promise.all([readFormats(), readExports()]));
  }

  /** What goes wrong is said in the dialog while it is open, where the choice is. */
  async function said(work) {
    try {
      await work;
    } catch (failure) {
      if (store.state.view.dialog !== "export" || failure.code === "cancelled") throw failure;
      const { message, hint } = failure;
      set("export_answered", { error: { field: null, message, hint } });
    }
  }

  async function readFormats() {
    if (!store.state.exchange.formats) set("formats_listed", await listFormats());
  }

  async function readExports() {
    const { video_id } = store.state.video.open;
    const answer = await upToDate(store, video_id, (state) => state.exchange.exports, () => listExports(video_id));
    set("exports_listed", { video_id, ...answer });
  }

  /** @param {string} format */
  const chooseFormat = (format) => set("export_wished", { wishes: { format } });
  /** @param {{approved_only?: boolean, stale?: string}} wishes */
  const wishExport = (wishes) => set("export_wished", { wishes });
  const chooseOption = (format, name, value) => set("export_option_chosen", { format, name, value });
  const forgetRefusal = () => store.state.exchange.exporting.error && set("export_answered", { error: null });
  const resetOptions = (format) => set("export_options_reset", { format });
  /** @param {{pairs?: string, chosen?: string[], frames?: string}} reach */
  const reachExport = (reach) => set("export_reach_changed", { reach });

  /** Ask for it; what speaks against it is said at its control. */
  async function startExport() {
    const { state } = store;
    const { wishes } = state.view;
    const format = state.exchange.formats && chosenFormat(state.exchange.formats.exporters, wishes);
    if (!format || !state.video.open || state.exchange.exporting.busy) return;
    const selected = currentPair(state);
    const error = refused(state, wishes, format, selected);
    if (error) return set("export_answered", { error });
    set("export_sent", {});
    try {
      const { job_id } = await askFor(state.video.open.video_id, orderOf(state, wishes, format, selected));
      own.add(job_id);
      queued(job_id, state.video.open.video_id, format);
      set("export_answered", { error: null });
      const job = store.state.jobs.by_id[job_id];
      if (job?.ended) await exportEnded(job); // a small one ends before its answer is here
    } catch (failure) {
      set("export_answered", { error: refusalOf(failure, format) });
    }
  }

  /** Shown from the answer on, unless its progress was faster. */
  function queued(job_id, video_id, { name, label }) {
    if (store.state.jobs.by_id[job_id]) return;
    const job = { job_id, kind: "export", state: "queued", done: 0, total: 0, eta_s: null, format: name, label };
    set("job_progress", { ...job, video_id });
  }

  /** An export is whole, or will not be. @param {any} job */
  async function exportEnded({ job_id, video_id, state, label, error }) {
    if (video_id !== store.state.video.open?.video_id) return;
    if (state === "failed" && store.state.view.dialog === "export") return set("export_answered", { error: { field: null, ...error } });
    if (state !== "done") return;
    await readExports();
    if (own.delete(job_id) && store.state.view.dialog !== "export") {
      toast({ level: "info", message: `${label} is ready.`, action: "downloadExport", args: [job_id] });
    }
  }

  /** To the user's disk. @param {string} export_id the same as its job's */
  const downloadExport = (export_id) => said(fetchExport(export_id));

  async function fetchExport(export_id) {
    if (!store.state.exchange.exports) await readExports();
    const found = store.state.exchange.exports.find((one) => one.export_id === export_id);
    if (!found) throw new ApiError({ code: "not_found", message: "This export is gone.", hint: "Ask for it anew." });
    await download(found);
  }

  /** @param {string} export_id */
  const removeExport = (export_id) => said(remove(export_id));

  async function remove(export_id) {
    const { video_id } = store.state.video.open;
    await deleteExport(video_id, export_id);
    set("job_dismissed", { job_id: export_id });
    await readExports();
  }

  store.watch(
    (state) => state.session.connection === "online" && state.view.dialog === "export" && !state.exchange.exports,
    (missing) => missing && queueMicrotask(showExport),
  );

  return {
    showExport,
    readFormats,
    chooseFormat,
    wishExport,
    chooseOption,
    resetOptions,
    forgetRefusal,
    reachExport,
    startExport,
    exportEnded,
    downloadExport,
    removeExport,
  };
}
