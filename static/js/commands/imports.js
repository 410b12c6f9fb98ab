/** What comes in: a file is looked at as soon as it is there, and again after every choice. */

import { countWords, isAnnotation, obstacle, optionsOf } from "../core/imports.js";
import { listImports, undoImport as takeBack } from "../net/api.js";
import { sendImport } from "../net/upload.js";
import { upToDate } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

const AGAIN_MS = 250; // a number that is typed is one choice
const UNDO_MS = 15_000;
const RETRY_MS = 2000; // a request broke, though there is a connection
const NOT_READY = "video_not_ready"; // its frames are still extracted
const OFFLINE = new Set(["unreachable", "upload_broken"]);
const FILE_GONE = { code: "file_gone", message: "The file cannot be read any more.", hint: "It was changed or moved; choose it again." };
const NOT_SENT = { message: "The server cannot be reached.", hint: "The file and your choices are kept; it goes on when the server is back." };

/** @param {{store: Store, toast: Function, later: (ms: number, callback: () => void) => void, readFormats: () => Promise<void>, uploadFiles: (files: File[]) => any}} deps */
export function importCommands({ store, toast, later, readFormats, uploadFiles }) {
  const own = new Map(); // import → {name, asked}: its end is told in this window
  const set = (type, fields) => store.dispatch({ type, ...fields });
  let file = null;
  let asked = 0;
  let abort = new AbortController();

  /** Open the dialog: as it was left, or empty. */
  async function showImport() {
    if (!store.state.video.open) return;
    set("dialog_changed", { dialog: "import" });
    set("imports_failed", { error: null });
    await said(Promise.all([readFormats(), readImports()]));
  }

  /** What goes wrong is said in the dialog while it is open, where the choice is. */
  async function said(work) {
    try {
      await work;
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

  /** Look at a file. @param {File} chosen */
  async function chooseImport(chosen) {
    if (!store.state.video.open) return;
    file = chosen;
    set("import_chosen", { name: chosen.name, size: chosen.size });
    await look();
  }

  /** Files dropped on the page: annotations of the open video, or videos. @param {File[]} files */
  function takeFiles(files) {
    if (files.length !== 1 || !store.state.video.open || !isAnnotation(files[0])) return uploadFiles(files);
    showImport();
    return chooseImport(files[0]);
  }

  /** A ZIP of frames is a video. */
  function uploadInstead() {
    const video = file;
    putImportAway();
    set("dialog_changed", { dialog: null });
    return uploadFiles([video]);
  }

  /** @param {Partial<import("../core/imports.js").Choices>} choices */
  function chooseForImport(choices) {
    set("import_choices_changed", { choices });
    const mine = next();
    set("import_asked", { asked: mine, sending: false });
    later(AGAIN_MS, () => mine === asked && look(mine));
  }

  /** @param {string} name of a subject @param {{instance_id: number | null, region: string} | null} wish */
  const mapSubject = (name, wish) => chooseForImport({ mapping: { ...store.state.exchange.importing.choices.mapping, [name]: wish } });

  /** What was asked before does not matter any more. */
  function next() {
    asked += 1;
    abort.abort();
    abort = new AbortController();
    return asked;
  }

  /** Send the choices, with the file unless the server has it; the answer, or null if it failed or was overtaken. */
  async function send(mine, dry_run) {
    const video = store.state.video.open;
    const { importing } = store.state.exchange;
    set("import_asked", { asked: mine, sending: !dry_run });
    const onProgress = (sent) => set("import_progressed", { asked: mine, sent });
    const { report, choices } = importing;
    const wanted = { video_id: video.video_id, file, file_id: report?.file_id, options: optionsOf(choices), dry_run };
    try {
      return await sendImport(wanted, { onProgress, signal: abort.signal });
    } catch (error) {
      if (error.code !== "cancelled") set("import_failed", { asked: mine, error: await reasonOf(error) });
      return null;
    }
  }

  /** A file that went away breaks an upload as a lost connection does. */
  async function reasonOf({ code, message, hint, status }) {
    if (!OFFLINE.has(code)) return { code, message, hint, status };
    const there = await file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    return there ? { code, ...NOT_SENT } : FILE_GONE;
  }

  async function look(mine = next()) {
    if (!store.state.exchange.importing) return; // another video was opened
    const report = await send(mine, true);
    if (report) return set("import_looked", { asked: mine, report });
    const broke = OFFLINE.has(store.state.exchange.importing?.error?.code);
    if (broke && store.state.session.connection === "online") later(RETRY_MS, () => mine === asked && look());
  }

  const lookAgain = () => look();

  /** Do it, all or nothing. */
  async function startImport() {
    const { importing } = store.state.exchange;
    const video = store.state.video.open;
    if (!importing || obstacle(importing) !== null || importing.state === "sending") return;
    const { name } = importing;
    const answer = await send(next(), false);
    if (!answer) return;
    own.set(answer.job_id, { name, asked });
    queued(answer.job_id, video.video_id, name);
    if (store.state.view.dialog === "import") set("dialog_changed", { dialog: null });
    const job = store.state.jobs.by_id[answer.job_id];
    if (job?.ended) await importEnded(job); // a small one ends before its answer is here
  }

  function queued(job_id, video_id, label) {
    if (store.state.jobs.by_id[job_id]) return;
    set("job_progress", { job_id, kind: "import", state: "queued", done: 0, total: 0, eta_s: null, label, video_id });
  }

  /** It came in: say what, and how to take it back. Until then the file and the choices are kept. @param {any} job */
  async function importEnded({ job_id, video_id, state, error }) {
    if (video_id !== store.state.video.open?.video_id) return;
    const mine = own.get(job_id);
    own.delete(job_id);
    if (mine && state !== "done") return notImported(mine.asked, state, error);
    if (state !== "done") return;
    if (mine?.asked === asked) putImportAway();
    await readImports();
    const record = store.state.exchange.imports.imports.find((one) => one.import_id === job_id);
    if (mine && record) sayImported(video_id, record, mine.name);
  }

  /** The file is there to try again, with what was chosen. */
  function notImported(number, state, error) {
    if (state !== "failed") return set("import_looked", { asked: number, report: store.state.exchange.importing?.report });
    set("import_failed", { asked: number, error });
    toast({ level: "error", ...error, action: "showImport" });
  }

  function sayImported(video_id, { import_id, counts }, name) {
    toast({ level: "info", message: `Imported ${countWords(counts)}.`, hint: `From ${name}.`, action: "undoImport", args: [video_id, import_id], ms: UNDO_MS });
  }

  /** @param {string} video_id @param {string} import_id */
  const undoImport = (video_id, import_id) => said(undo(video_id, import_id));

  async function undo(video_id, import_id) {
    const { frames, kept } = await takeBack(video_id, import_id);
    const stays = kept ? `${kept} stay, because they were changed since.` : "";
    toast({ level: "info", message: `The import was taken back on ${frames} ${frames === 1 ? "frame" : "frames"}.`, hint: stays });
    if (video_id === store.state.video.open?.video_id) await readImports();
  }

  /** Forget the file. */
  function putImportAway() {
    next();
    file = null;
    set("import_put_away", {});
  }

  store.watch(
    (state) => state.session.connection === "online",
    (online) => {
      if (online && OFFLINE.has(store.state.exchange.importing?.error?.code)) queueMicrotask(lookAgain);
      if (online && store.state.view.dialog === "import" && store.state.exchange.imports_error) queueMicrotask(showImport);
    },
  );

  store.watch(
    (state) => state.video.open?.state === "ready",
    (ready) => ready && store.state.exchange.importing?.error?.code === NOT_READY && queueMicrotask(lookAgain),
  );

  return {
    showImport,
    takeFiles,
    chooseImport,
    uploadInstead,
    chooseForImport,
    mapSubject,
    lookAgain,
    startImport,
    importEnded,
    undoImport,
    putImportAway,
  };
}
