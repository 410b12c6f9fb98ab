/** Earlier imports of the open video; each can be undone as a whole. */

import { countWords } from "../core/imports.js";
import { el, follow, icon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands}} deps @returns {HTMLElement} */
export function importList({ store, commands }) {
  const list = el("ul", { class: "export-rows", testid: "import-list" });
  const error = el("p", { class: "form-error", testid: "imports-error", attrs: { role: "alert" } });
  const root = el("section", { class: "exchange-list", aria: { label: "Imports of this video" } }, el("h2", { text: "Imports of this video" }), error, list);
  store.watch(
    (state) => [state.exchange.imports, state.exchange.imports_error],
    ([imports, why]) => {
      const all = [...(imports?.imports ?? [])].reverse();
      root.hidden = !all.length && !why;
      error.hidden = !why;
      setText(error, why ? [why.message, why.hint].filter(Boolean).join(" ") : "");
      follow(list, all, { key: (record) => record.import_id, make: (record) => row(record, store, commands), update });
    },
  );
  return root;
}

function row(record, store, commands) {
  const when = new Date(record.created_at * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const undo = { class: "button small", type: "button", testid: "import-undo", title: "Undo it on all frames; later changes stay", on: { click: () => commands.undoImport(store.state.video.open.video_id, record.import_id) } };
  return el(
    "li",
    { class: "export-row", testid: "import-item" },
    el("span", { class: "export-what" }, el("b", { text: record.name }), el("small", { class: "num dim", text: `${when} · ${countWords(record.counts)}` })),
    el("span", { class: "dim undone", text: "undone" }),
    el("button", undo, icon("undo-2"), "Undo"),
  );
}

/** @param {any} node @param {any} record */
function update(node, { undone }) {
  node.querySelector(".undone").hidden = !undone;
  node.querySelector("button").hidden = Boolean(undone);
}
