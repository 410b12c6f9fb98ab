/** The import dialog and the list of earlier imports of the open video. */

import { counted } from "../core/format.js";
import { listImports, undoImport as takeBack } from "../net/api.js";
import { upToDate } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function, readFormats: () => Promise<void>}} deps */
export function importListCommands({ store, toast, readFormats }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });

  /** Open the dialog: as it was left, or empty. */
  async function showImport() {
    if (!store.state.video.open) return;
    set("dialog_changed", { dialog: "import" });
    set("imports_failed", { error: null });
    await reported(Promise.all([readFormats(), readImports()]));
  }

  /** An error is shown in the dialog while that is open. @param {Promise<any>} request */
  async function reported(request) {
    try {
      await request;
    } catch (error) {
      if (store.state.view.dialog !== "import") throw error;
      set("imports_failed", { error: { message: error.message, hint: error.hint } });
    }
  }

  async function readImports() {
    const { video_id } = store.state.video.open;
    const answer = await upToDate(store, video_id, (state) => state.exchange.imports, () => listImports(video_id));
    set("imports_listed", { video_id, ...answer });
  }

  /** @param {string} video_id @param {string} import_id */
  const undoImport = (video_id, import_id) => reported(undo(video_id, import_id));

  async function undo(video_id, import_id) {
    const { frames, kept } = await takeBack(video_id, import_id);
    const hint = kept ? `${counted(kept, "frame")} changed since then; those stay as they are.` : "";
    toast({ level: "info", message: `The import was undone on ${counted(frames, "frame")}.`, hint });
    if (video_id === store.state.video.open?.video_id) await readImports();
  }

  store.watch(
    (state) => state.session.connection === "online",
    (online) => {
      const { imports_error } = store.state.exchange;
      if (online && store.state.view.dialog === "import" && imports_error) queueMicrotask(showImport);
    },
  );

  return { showImport, readImports, undoImport };
}
