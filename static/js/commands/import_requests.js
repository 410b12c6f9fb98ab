/** Sends the file of an import with the choices made for it; only the answer to the newest request counts. */

import { optionsOf } from "../core/imports.js";
import { sendImport } from "../net/upload.js";

/** @import { Store } from "../core/store.js" */

const OFFLINE = new Set(["unreachable", "upload_broken"]);
const FILE_GONE = { code: "file_gone", message: "The file cannot be read any more.", hint: "It was changed or moved; choose it again." };
const NOT_SENT = { message: "The server cannot be reached.", hint: "The file and your choices are kept; the import continues when the server is back." };

/** Tell if a request failed for want of a connection. @param {{code?: string} | null | undefined} error */
export const isOffline = (error) => OFFLINE.has(error?.code ?? "");

/** @param {{store: Store}} deps */
export function importRequests({ store }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });
  /** @type {File | null} */ let file = null;
  let newest = 0;
  let abort = new AbortController();

  /** Number the next request; the ones before it do not matter any more. */
  function next() {
    newest += 1;
    abort.abort();
    abort = new AbortController();
    return newest;
  }

  /** Send the choices, with the file unless the server has it; null if that failed or was overtaken. @param {number} asked @param {boolean} dry_run */
  async function send(asked, dry_run) {
    const { importing } = store.state.exchange;
    set("import_asked", { asked, sending: !dry_run });
    const onProgress = (sent) => set("import_progressed", { asked, sent });
    const { report, choices } = importing;
    const { video_id } = store.state.video.open;
    const wanted = { video_id, file, file_id: report?.file_id, options: optionsOf(choices), dry_run };
    try {
      return await sendImport(wanted, { onProgress, signal: abort.signal });
    } catch (error) {
      if (error.code !== "cancelled") set("import_failed", { asked, error: await reasonOf(error) });
      return null;
    }
  }

  /** A file that went away breaks an upload as a lost connection does. */
  async function reasonOf({ code, message, hint, status }) {
    if (!OFFLINE.has(code)) return { code, message, hint, status };
    const there = await file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    return there ? { code, ...NOT_SENT } : FILE_GONE;
  }

  return {
    next,
    send,
    /** @param {number} asked */ isNewest: (asked) => asked === newest,
    file: () => file,
    /** @param {File | null} chosen */ keepFile: (chosen) => (file = chosen),
  };
}
