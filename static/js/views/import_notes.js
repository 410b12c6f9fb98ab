/** Remarks on an import: left out, changed or doubtful, why, and some examples. */

import { orderedNotes } from "../core/imports.js";
import { el, icon } from "./dom.js";

/** @import { Store } from "../core/store.js" */

const SIGNS = { skipped: "circle-x", clamped: "contrast", warning: "triangle-alert", note: "info" };
const WORDS = { skipped: "left out", clamped: "clamped", warning: "check", note: "note" };

/** @param {{store: Store}} deps @returns {HTMLElement} */
export function importNotes({ store }) {
  const list = el("ul", { class: "notes", testid: "import-notes" });
  const root = el("section", { aria: { label: "Remarks" } }, el("h2", { text: "Remarks" }), list);
  store.watch(
    (state) => state.exchange.importing?.report,
    (report) => {
      root.hidden = !report?.notes.length;
      list.replaceChildren(...noteRows(report?.notes ?? []));
    },
  );
  return root;
}

/** @param {any[]} notes */
export const noteRows = (notes) =>
  orderedNotes(notes).map(({ outcome, why, count, examples }) => {
    const head = [el("b", { text: WORDS[outcome] ?? outcome }), ` ${why}`, count > 1 ? el("span", { class: "num dim", text: ` ${count} times` }) : ""];
    const words = examples.length ? el("details", {}, el("summary", {}, ...head), el("small", { class: "dim", text: examples.join(" · ") + (count > examples.length ? " · …" : "") })) : el("span", {}, ...head);
    return el("li", { class: "note", testid: "import-note", attrs: { "data-outcome": outcome } }, icon(SIGNS[outcome] ?? "info"), words);
  });
