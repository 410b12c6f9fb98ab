/** The command palette: a field, and what fits the letters typed; arrows choose, Enter runs. */

import { findEntries } from "../core/command_search.js";
import { el, follow, icon, kbd } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const PAGE = 8; // rows that PgUp and PgDn go
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };

/** @param {any} root the dialog @param {{store: Store, commands: Commands, rows: () => any[]}} deps */
export function mountCommandPalette(root, { store, commands, rows }) {
  const field = el("input", {
    type: "text", testid: "command-query", placeholder: "Command, video, instance or frame",
    attrs: { role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-controls": "command-list", "aria-expanded": "true" },
    aria: { label: "Find a command, video, instance or frame" },
  });
  const list = el("ul", { id: "command-list", testid: "command-list", attrs: { role: "listbox" }, aria: { label: "Commands" } });
  const none = el("p", { class: "empty", testid: "command-none", attrs: { role: "status" } });
  root.append(el("label", { class: "command-field" }, icon("search"), field), list, none);
  const palette = { root, field, list, none, found: [], at: 0 };
  const search = () => show(palette, findEntries(field.value, { rows: rows(), state: store.state }));
  const leave = () => store.state.view.dialog === "commands" && commands.closeDialog();
  const run = (entry) => {
    leave();
    runEntry(entry, commands);
  };
  field.addEventListener("input", search);
  root.addEventListener("keydown", (event) => pressed(event, palette, { run, leave }));
  list.addEventListener("click", ({ target }) => {
    const row = target.closest("[role=option]");
    if (row) run(palette.found[[...list.children].indexOf(row)]);
  });
  root.addEventListener("close", () => !root.open && leave());
  root.addEventListener("pointerdown", ({ target }) => target === root && leave());
  store.watch((state) => state.view.dialog === "commands", (open) => {
    if (open && !root.open) {
      field.value = "";
      root.showModal();
      search();
    }
    if (!open && root.open) root.close();
  });
}

/** Say so where a command finds nothing to act on. */
function runEntry({ label, command, args }, commands) {
  const done = commands[command](...args);
  if (done === false) commands.showToast({ level: "info", message: `Nothing to act on here: ${label}` });
}

function pressed(event, palette, { run, leave }) {
  const { key, ctrlKey, metaKey } = event;
  if (key in STEPS) choose(palette, key.startsWith("Page") ? within(palette, STEPS[key]) : around(palette, STEPS[key]));
  else if (key === "Enter" && palette.found.length) run(palette.found[palette.at]);
  else if (key.toLowerCase() === "k" && (ctrlKey || metaKey)) leave();
  else return;
  event.preventDefault();
  event.stopPropagation(); // with the palette closed it would be a key of the page
}

const around = ({ at, found }, by) => (at + by + found.length) % Math.max(1, found.length);
const within = ({ at, found }, by) => Math.max(0, Math.min(found.length - 1, at + by));

function show(palette, found) {
  const { list, none, field } = palette;
  palette.found = found;
  follow(list, found, { key: ({ name }) => name, make: row, update });
  none.hidden = found.length > 0;
  none.textContent = found.length ? "" : `Nothing is called “${field.value.trim()}”.`;
  list.hidden = !found.length;
  field.setAttribute("aria-expanded", String(found.length > 0));
  choose(palette, 0);
}

/** @param {any} palette @param {number} at */
function choose(palette, at) {
  palette.at = at;
  const rows = [...palette.list.children];
  rows.forEach((row, i) => row.setAttribute("aria-selected", String(i === at)));
  if (rows[at]) palette.field.setAttribute("aria-activedescendant", rows[at].id);
  else palette.field.removeAttribute("aria-activedescendant");
  rows[at]?.scrollIntoView({ block: "nearest" });
}

const row = ({ name }) =>
  el("li", { id: `command-${name.replaceAll(/\s/g, "-")}`, testid: "command-row", attrs: { role: "option" } }, el("span", { class: "command-label" }), el("small"), el("span", { class: "command-keys" }));

/** Letters that were typed stand out. */
function update(node, { name, label, note, keys, at }) {
  node.dataset.name = name;
  const typed = new Set(at);
  const pieces = [...label].map((letter, i) => (typed.has(i) ? el("mark", { text: letter }) : letter));
  node.firstElementChild.replaceChildren(...pieces);
  node.title = label;
  node.children[1].textContent = note;
  node.lastElementChild.replaceChildren(...keys.map(kbd));
}
