/** The export and import dialogs of the open video, and the lists of its earlier exports and imports. */

import { WHOLE } from "../exports.js";
import { NO_CHOICES } from "../imports.js";
import { isOpen } from "./open_video.js";

/**
 * @typedef {import("../exports.js").Reach & {error: import("../exports.js").Refusal | null, busy: boolean, job_id: string | null}} Exporting
 *   job_id: of the export with just these choices
 * @typedef {{name: string, size: number, state: string, sent: number, asked: number, report: any,
 *   error: {code?: string, message: string, hint?: string, status?: number} | null,
 *   choices: import("../imports.js").Choices}} Importing
 *   state: looking, ready, sending, failed; asked: number of the request whose answer counts
 */

export const EXCHANGE = {
  /** @type {null | {exporters: import("../exports.js").Format[], importers: any[]}} */ formats: null,
  /** @type {Exporting} */ exporting: { ...WHOLE, error: null, busy: false, job_id: null },
  /** @type {any[] | null} */ exports: null, // finished ones
  /** @type {Importing | null} */ importing: null, // the file chosen for an import
  /** @type {null | {imports: any[], mapping: any}} */ imports: null,
  /** @type {null | {message: string, hint?: string}} */ imports_error: null, // of reading that list, or of undoing one
};

/** The fields that start anew with another video. */
export const EXCHANGE_CLOSED = {
  exporting: EXCHANGE.exporting,
  exports: EXCHANGE.exports,
  importing: EXCHANGE.importing,
  imports: EXCHANGE.imports,
  imports_error: EXCHANGE.imports_error,
};

const exporting = (exchange, changes) => ({ ...exchange, exporting: { ...exchange.exporting, ...changes } });
const wishChanged = (exchange) => exporting(exchange, { error: null, job_id: null });

const importing = (exchange, changes) =>
  exchange.importing ? { ...exchange, importing: { ...exchange.importing, ...changes } } : exchange;

/** An answer counts only if nothing was chosen since it was asked for. */
const answered = (exchange, { asked, ...changes }) =>
  exchange.importing?.asked === asked ? importing(exchange, changes) : exchange;

function importsListed(exchange, { video_id, imports, mapping }, state) {
  return isOpen(state, video_id) ? { ...exchange, imports: { imports, mapping }, imports_error: null } : exchange;
}

/** @type {Record<string, import("./open_video.js").Case<typeof EXCHANGE>>} */
export const EXCHANGE_CASES = {
  formats_listed: (exchange, { exporters, importers }) => ({ ...exchange, formats: { exporters, importers } }),
  exports_listed: (exchange, { video_id, exports }, state) =>
    isOpen(state, video_id) ? { ...exchange, exports } : exchange,
  export_wished: wishChanged,
  export_option_chosen: wishChanged,
  export_options_reset: wishChanged,
  export_reach_changed: (exchange, { reach }) => exporting(exchange, { ...reach, error: null, job_id: null }),
  export_sent: (exchange) => exporting(exchange, { busy: true, error: null }),
  export_answered: (exchange, { error, job_id = null }) => exporting(exchange, { busy: false, error, job_id }),
  imports_listed: importsListed,
  imports_failed: (exchange, { error }) => ({ ...exchange, imports_error: error }),
  import_chosen: (exchange, { name, size }) => ({
    ...exchange,
    importing: { name, size, state: "looking", sent: 0, asked: 0, report: null, error: null, choices: NO_CHOICES },
  }),
  import_choices_changed: (exchange, { choices }) =>
    importing(exchange, { choices: { ...exchange.importing?.choices, ...choices } }),
  import_asked: (exchange, { asked, sending }) =>
    importing(exchange, { asked, state: sending ? "sending" : "looking", sent: 0, error: null }),
  import_progressed: (exchange, { asked, sent }) => answered(exchange, { asked, sent }),
  import_looked: (exchange, { asked, report }) => answered(exchange, { asked, state: "ready", report, error: null }),
  import_failed: (exchange, { asked, error }) => answered(exchange, { asked, state: "failed", error }),
  import_put_away: (exchange) => ({ ...exchange, importing: null }),
};
