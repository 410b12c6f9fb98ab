/** The list of keys, drawn from the same table that runs them. */

import { el, icon } from "./dom.js";

/** @param {any} root the dialog @param {{store: any, commands: any, keymap: any[]}} deps */
export function mountHelp(root, { store, commands, keymap }) {
  const groups = Map.groupBy
    ? Map.groupBy(keymap.filter((row) => row.help), (row) => row.group)
    : grouped(keymap.filter((row) => row.help));
  const close = el(
    "button",
    { class: "ghost", title: "Close (Esc)", aria: { label: "Close" }, on: { click: () => root.close() } },
    icon("x"),
  );
  root.append(
    el("header", {}, el("h1", { id: "help-title", text: "Keys and mouse" }), close),
    el("div", { class: "help-groups" }, ...[...groups].map(([name, rows]) => group(name, rows))),
  );
  root.addEventListener("close", () => commands.closeDialog());
  root.addEventListener("click", (event) => event.target === root && root.close());
  store.watch(
    (state) => state.dialog === "help",
    (open) => {
      if (open && !root.open) root.showModal();
      if (!open && root.open) root.close();
    },
  );
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return groups;
}

function group(name, rows) {
  const lines = rows.map(({ show, help }) =>
    el(
      "div",
      { class: "help-row", testid: "help-row" },
      el("span", { class: "help-keys" }, ...show.map((key) => el("kbd", { text: key }))),
      el("span", { text: help }),
    ),
  );
  return el("section", {}, el("h2", { text: name }), ...lines);
}
