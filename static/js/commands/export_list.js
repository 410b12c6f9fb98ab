/** The export dialog and the finished exports of the open video: listed, downloaded, deleted. */

import { meOf } from "../core/people.js";
import { ApiError, deleteExport, listExports, listFormats, reportOf } from "../net/api.js";
import { download, showPage } from "../net/download.js";
import { upToDate } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function}} deps */
export function exportListCommands({ store, toast }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });

  /** Open the dialog for the open video. */
  async function showExport() {
    if (!store.state.video.open) return;
    set("export_answered", { error: null });
    set("dialog_changed", { dialog: "export" });
    await reported(Promise.all([readFormats(), readExports()]));
  }

  /** An error is shown in the dialog while that is open. @param {Promise<any>} request */
  async function reported(request) {
    try {
      await request;
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

  /** Save an export to the user's disk. @param {string} export_id the same as its job's */
  const downloadExport = (export_id) => reported(fetchExport(export_id));

  async function fetchExport(export_id) {
    const find = () => store.state.exchange.exports?.find((listed) => listed.export_id === export_id);
    if (!find()) await readExports(); // it ended a moment ago
    const found = find();
    if (!found) throw new ApiError({ code: "not_found", message: "This export is gone.", hint: "Export again." });
    await download(found);
  }

  /** The report of the open video, in a window of its own. */
  const openReport = () => reported(showPage(reportOf(store.state.video.open.video_id)));

  /** @param {string} export_id */
  const removeExport = (export_id) => reported(remove(export_id));

  async function remove(export_id) {
    const { video_id } = store.state.video.open;
    const { trash_id } = await deleteExport(video_id, export_id, meOf(store.state));
    const gone = store.state.exchange.exports?.find((listed) => listed.export_id === export_id);
    set("job_dismissed", { job_id: export_id });
    await readExports();
    toast({ level: "info", message: `Export ${gone?.label ?? ""} deleted.`, action: "restoreTrashed", args: [trash_id] });
  }

  store.watch(
    ({ session, view, exchange }) => session.connection === "online" && view.dialog === "export" && !exchange.exports,
    (missing) => missing && queueMicrotask(showExport),
  );

  return { showExport, readFormats, readExports, downloadExport, openReport, removeExport };
}
