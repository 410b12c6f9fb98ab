/** The trash: what was deleted, by whom, when and how large; brought back or removed for good. */

import { droppedWords, ICONS, itemFacts, trashSummary } from "../core/trash.js";
import { deleteButton } from "./delete_button.js";
import { mountDialog } from "./dialog_frame.js";
import { el, follow, icon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {any} root the dialog @param {{store: Store, commands: Commands}} deps */
export function mountTrashDialog(root, deps) {
  const { store, commands } = deps;
  const list = el("ul", { class: "export-rows trash-rows", testid: "trash-list" });
  const dropped = el("p", { class: "dim", testid: "trash-dropped" });
  const summary = el("span", { class: "num summary", testid: "trash-summary", attrs: { role: "status" } });
  const error = el("p", { class: "form-error", testid: "trash-error", attrs: { role: "alert" } });
  const empty = deleteButton({ label: "Empty the trash", text: "Empty", words: "Remove everything for good?", testid: "trash-empty", remove: () => commands.emptyTrash() });
  mountDialog(root, {
    ...deps,
    name: "trash",
    title: "Trash",
    sign: "trash-2",
    body: [el("div", { class: "exchange-body" }, list, dropped)],
    footer: [summary, error, empty],
    submit: () => {},
    opened: () => root.querySelector(".trash-rows button")?.focus(),
  });
  store.watch(
    (state) => [state.trash.list, state.trash.error],
    ([found, why]) => {
      follow(list, found?.items ?? [], { key: (item) => item.trash_id, make: (item) => row(item, commands), update });
      setText(summary, trashSummary(found));
      setText(dropped, droppedWords(found));
      dropped.hidden = !dropped.textContent;
      error.hidden = !why;
      setText(error, why ? [why.message, why.hint].filter(Boolean).join(" ") : "");
      empty.disabled = !found?.items.length;
    },
  );
}

const dateText = (seconds) => new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** @param {import("../core/slices/trash.js").TrashItem} item @param {Commands} commands */
function row({ trash_id, kind, name, restorable }, commands) {
  const back = { class: "button small", type: "button", testid: "trash-restore", aria: { label: `Bring back ${name}` }, on: { click: () => commands.restoreTrashed(trash_id) } };
  return el(
    "li",
    { class: "export-row", testid: "trash-item", attrs: { "data-kind": kind } },
    icon(ICONS[kind] ?? "info"),
    el("span", { class: "export-what" }, el("b"), el("small", { class: "num dim" })),
    restorable && el("button", back, icon("undo-2"), "Bring back"),
    deleteButton({ label: `Remove ${name} for good`, words: "For good?", testid: "trash-remove", remove: () => commands.removeTrashed(trash_id) }),
  );
}

/** @param {any} node @param {import("../core/slices/trash.js").TrashItem} item */
function update(node, item) {
  setText(node.querySelector("b"), item.name);
  setText(node.querySelector("small"), itemFacts(item, dateText));
}
