/** Lists the exports of the open batch, and downloads them as a ZIP. */

import { newestExport } from "../core/batches.js";
import { batchExportUrl, listBatchExports } from "../net/api.js";
import { download } from "../net/download.js";
import { answersInOrder } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

const UNKNOWN_BYTES = Infinity; // a ZIP is made while it is sent

/** @param {{store: Store, toast: Function}} deps */
export function batchExportCommands({ store, toast }) {
  const inOrder = answersInOrder();

  /** @param {string} batch_id */
  async function readBatchExports(batch_id) {
    const answer = await inOrder(() => listBatchExports(batch_id));
    if (answer) store.dispatch({ type: "batch_exports_listed", batch_id, exports: answer.exports });
  }

  /** @param {string} [format] else that of the newest @returns {Promise<void> | false | void} false: no batch is open */
  function downloadBatch(format) {
    const { open, exports } = store.state.batches;
    if (!open) return false;
    const name = format ?? newestExport(exports)?.format;
    if (!name) return toast({ level: "info", message: "Nothing of this batch is exported yet.", hint: "Process all can export each item.", action: "showProcessing", label: "Process all" });
    return download({ url: batchExportUrl(open.batch_id, name), file: `${open.batch_id}-${name}.zip`, bytes: UNKNOWN_BYTES });
  }

  return { readBatchExports, downloadBatch };
}
