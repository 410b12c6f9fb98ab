/** The file of an import: chosen, looked at, and looked at again after every choice. */

import { isAnnotation } from "../core/imports.js";
import { isOffline } from "./import_requests.js";

/** @import { Store } from "../core/store.js" */

const AGAIN_MS = 250; // a number that is typed is one choice
const RETRY_MS = 2000; // a request broke, though there is a connection
const NOT_READY = "video_not_ready"; // its frames are still extracted

/** @param {{store: Store, later: (ms: number, callback: () => void) => void, requests: any, showImport: () => Promise<void>, uploadFiles: (files: File[]) => any}} deps */
export function importFileCommands({ store, later, requests, showImport, uploadFiles }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });
  const importError = () => store.state.exchange.importing?.error;

  /** Look at a file. @param {File} chosen */
  async function chooseImport(chosen) {
    if (!store.state.video.open) return;
    requests.keepFile(chosen);
    set("import_chosen", { name: chosen.name, size: chosen.size });
    await look();
  }

  async function look(asked = requests.next()) {
    if (!store.state.exchange.importing) return; // another video was opened
    const report = await requests.send(asked, true);
    if (report) return set("import_looked", { asked, report });
    const isOnline = store.state.session.connection === "online";
    if (isOffline(importError()) && isOnline) later(RETRY_MS, () => requests.isNewest(asked) && look());
  }

  const lookAgain = () => look();

  /** Files dropped on the page: annotations of the open video, or videos. @param {File[]} files */
  function takeFiles(files) {
    if (files.length !== 1 || !store.state.video.open || !isAnnotation(files[0])) return uploadFiles(files);
    showImport();
    return chooseImport(files[0]);
  }

  /** A ZIP of frames is a video. */
  function uploadInstead() {
    const video = requests.file();
    putImportAway();
    set("dialog_changed", { dialog: null });
    return uploadFiles([video]);
  }

  /** @param {Partial<import("../core/imports.js").Choices>} choices */
  function chooseForImport(choices) {
    set("import_choices_changed", { choices });
    const asked = requests.next();
    set("import_asked", { asked, sending: false });
    later(AGAIN_MS, () => requests.isNewest(asked) && look(asked));
  }

  /** @param {string} name of a subject @param {{instance_id: number | null, region: string} | null} target */
  const mapSubject = (name, target) =>
    chooseForImport({ mapping: { ...store.state.exchange.importing.choices.mapping, [name]: target } });

  /** Forget the file. */
  function putImportAway() {
    requests.next();
    requests.keepFile(null);
    set("import_put_away", {});
  }

  store.watch(
    (state) => state.session.connection === "online",
    (online) => online && isOffline(importError()) && queueMicrotask(lookAgain),
  );
  store.watch(
    (state) => state.video.open?.state === "ready",
    (ready) => ready && importError()?.code === NOT_READY && queueMicrotask(lookAgain),
  );

  return { chooseImport, takeFiles, uploadInstead, chooseForImport, mapSubject, lookAgain, putImportAway };
}
