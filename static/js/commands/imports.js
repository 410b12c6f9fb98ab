/** Imports: the file becomes annotations of the open video, all of it or nothing. */

import { disjoint } from "../core/disjoint.js";
import { countWords, obstacle } from "../core/imports.js";
import { importFileCommands } from "./import_file.js";
import { importListCommands } from "./import_list.js";
import { importRequests } from "./import_requests.js";

/** @import { Store } from "../core/store.js" */

const UNDO_MS = 15_000;

/** @param {{store: Store, toast: Function, later: (ms: number, callback: () => void) => void, readFormats: () => Promise<void>, uploadFiles: (files: File[]) => any}} deps */
export function importCommands(deps) {
  const requests = importRequests(deps);
  const list = importListCommands(deps);
  const file = importFileCommands({ ...deps, requests, showImport: list.showImport });
  return disjoint(list, file, importJobCommands({ ...deps, ...list, ...file, requests }));
}

/** @param {{store: Store, toast: Function, requests: any, readImports: () => Promise<void>, putImportAway: () => void}} deps */
function importJobCommands({ store, toast, requests, readImports, putImportAway }) {
  /** @type {[number, string] | null} */ let wanted = null; // the pair to select
  const own = new Map(); // job_id → {name, asked}, of this window: it tells how they end
  const set = (type, fields) => store.dispatch({ type, ...fields });

  async function startImport() {
    const { importing } = store.state.exchange;
    const video = store.state.video.open;
    if (!importing || obstacle(importing) !== null || importing.state === "sending") return;
    const { name } = importing;
    const asked = requests.next();
    const answer = await requests.send(asked, false);
    if (!answer) return;
    own.set(answer.job_id, { name, asked });
    queued(answer.job_id, video.video_id, name);
    if (store.state.view.dialog === "import") set("dialog_changed", { dialog: null });
    const job = store.state.jobs.by_id[answer.job_id];
    if (job?.ended) await importEnded(job); // a small one ends before its answer is here
  }

  /** The card of the job is there from the answer on, or from its first progress. */
  function queued(job_id, video_id, label) {
    if (store.state.jobs.by_id[job_id]) return;
    set("job_progress", { job_id, kind: "import", state: "queued", done: 0, total: 0, eta_s: null, label, video_id });
  }

  /** Tell how an import ended; until it is done the file and the choices are kept. @param {any} job */
  async function importEnded({ job_id, video_id, state, error }) {
    if (video_id !== store.state.video.open?.video_id) return;
    const mine = own.get(job_id);
    own.delete(job_id);
    if (mine && state !== "done") return notImported(mine.asked, state, error);
    if (state !== "done") return;
    if (mine && requests.isNewest(mine.asked)) putImportAway();
    await readImports();
    const record = store.state.exchange.imports.imports.find(({ import_id }) => import_id === job_id);
    if (mine && record) sayImported(video_id, record, mine.name);
  }

  function notImported(asked, state, error) {
    if (state !== "failed") return set("import_looked", { asked, report: store.state.exchange.importing?.report });
    set("import_failed", { asked, error });
    toast({ level: "error", ...error, action: "showImport" });
  }

  function sayImported(video_id, { import_id, counts, pairs = [] }, name) {
    wanted = pairs[0] ?? null;
    selectWanted();
    if (pairs.length) {
      const all = pairs.map(([instance_id, region]) => `${instance_id}/${region}`).join(", ");
      toast({ level: "info", message: "Carry it through the video?", hint: `Propagates ${all}.`, action: "runPairs", args: [pairs], ms: UNDO_MS });
    }
    toast({ level: "info", message: `Imported ${countWords(counts)}.`, hint: `From ${name}.`, action: "undoImport", args: [video_id, import_id], ms: UNDO_MS });
  }

  /** Select what came in, once its instance is listed. */
  function selectWanted() {
    const { instances } = store.state.annotations;
    if (!wanted || !instances.some(({ instance_id }) => instance_id === wanted[0])) return;
    const [instance_id, region] = wanted;
    wanted = null;
    set("pair_selected", { instance_id, region });
  }

  store.watch((state) => state.annotations.instances, () => wanted && queueMicrotask(selectWanted));

  return { startImport, importEnded };
}
