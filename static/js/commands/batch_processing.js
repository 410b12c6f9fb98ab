/** Processes a batch: all annotated items one after another, with an export of each if wished. */

import { OF_THE_BATCH } from "../core/batches.js";
import { optionValues } from "../core/exports.js";
import { listFormats, reportOfBatch, updateBatch } from "../net/api.js";
import { showPage } from "../net/download.js";

/** @import { Store } from "../core/store.js" */
/** @typedef {{items: string | number[] | null, format: string | null, settings: any}} Wanted  items: annotated, failed, rejected, or numbers; settings: of the batch */

/** @param {{store: Store, ops: any, toast: Function, server: {url: string}, openWindow: (path: string, name: string) => void, readBatchExports: (batch_id: string) => Promise<void>}} deps */
export function batchProcessingCommands({ store, ops, toast, server, openWindow, readBatchExports }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });
  const open = () => store.state.batches.open;

  /** Open the dialog; false without a batch. */
  function showProcessing() {
    if (!open()) return false;
    set("batch_choice_made", { error: null });
    set("dialog_changed", { dialog: "processing" });
    return readFormats();
  }

  async function readFormats() {
    if (!store.state.exchange.formats) set("formats_listed", await listFormats());
  }

  /** @param {Wanted} wanted */
  async function processBatch({ items, format, settings }) {
    const { batch_id } = open();
    set("batch_choice_made", { busy: true, error: null });
    try {
      await updateBatch(batch_id, { settings });
      const ack = await ops.submit("process_batch", { batch_id, items, ...(format && { export: { format, options: optionsOf(format) } }) }).answer;
      if (ack.status === "rejected") set("batch_choice_made", { error: ack.error });
      else set("dialog_changed", { dialog: null });
    } catch (error) {
      set("batch_choice_made", { error: { message: error.message, hint: error.hint } });
    }
    set("batch_choice_made", { busy: false });
  }

  /** Collect the options as chosen for exports of a single video, without those that the batch sets. */
  function optionsOf(name) {
    const format = store.state.exchange.formats.exporters.find((listed) => listed.name === name);
    const values = Object.entries(optionValues(format, store.state.view.wishes));
    return Object.fromEntries(values.filter(([option]) => !OF_THE_BATCH.includes(option)));
  }

  /** @param {"pause" | "resume" | "cancel" | "retry"} verb */
  async function changeProcessing(verb) {
    const { batch_id } = open();
    const ack = await ops.submit("change_processing", { batch_id, verb }).answer;
    if (ack.job) set("job_progress", ack.job);
  }

  /** @param {any} job that ended */
  async function processingEnded({ batch_id, state, items_total, format }) {
    const is_open = open()?.batch_id === batch_id;
    if (format && is_open) await readBatchExports(batch_id);
    const batch = store.state.batches.list?.find((listed) => listed.batch_id === batch_id);
    if (state === "cancelled" || !batch) return;
    const { failed } = batch.counts;
    const message = failed ? `${batch.name}: processed, ${failed} failed.` : `${batch.name}: ${items_total} items are processed.`;
    const has_export = is_open && store.state.batches.exports.some((found) => found.format === format);
    const next = has_export ? { action: "downloadBatch", label: "Download", args: [format] } : { action: "openBatchReview", label: "Review", args: [batch_id] };
    toast({ level: failed ? "warning" : "success", message, ms: 15_000, ...next });
  }

  /** The page that shows all first masks, in a window of its own. @param {string} [batch_id] else the open one */
  function openBatchReview(batch_id = open()?.batch_id) {
    if (!batch_id) return false;
    openWindow(`/review?${new URLSearchParams({ ...(server.url && { server: server.url }), batch: batch_id })}`, `review-${batch_id}`);
  }

  /** The report of the open batch, in a window of its own. */
  const openBatchReport = () => showPage(reportOfBatch(open().batch_id));

  return { showProcessing, processBatch, changeProcessing, processingEnded, openBatchReview, openBatchReport };
}
