/** The list of keys, drawn from the same table that runs them; a press on a key changes it. */

import { isFixed } from "../core/bindings.js";
import { spelled } from "../core/keys.js";
import { mountKeyCapture } from "./key_capture.js";
import { el, follow, icon } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/**
 * @param {any} root the dialog
 * @param {{store: Store, commands: Commands, rows: () => any[], notes: any[]}} deps  notes: what is no key
 */
export function mountHelp(root, { store, commands, rows, notes }) {
  const capture = mountKeyCapture(root, { commands, rows });
  const leave = () => store.state.view.dialog === "help" && commands.closeDialog();
  const close = el(
    "button",
    { class: "ghost", title: "Close (Esc)", aria: { label: "Close" }, on: { click: leave } },
    icon("x"),
  );
  const reset = el("button", { class: "button small", testid: "keys-reset", on: { click: () => commands.resetKeys() } }, icon("rotate-ccw"), "Reset all keys");
  const groups = el("div", { class: "help-groups" });
  const habits = habitList({ store, commands });
  root.append(
    el("header", {}, el("h1", { id: "help-title", text: "Keys and mouse" }), el("span", { class: "dim", text: "Click a key to change it; changes are kept in this browser." }), el("span", { class: "grow" }), reset, close),
    capture.note,
    habits,
    groups,
  );
  root.addEventListener("close", () => {
    if (root.open) return; // opened again before the event came, which waits for a drawn frame
    capture.stop();
    leave();
  });
  root.addEventListener("click", (event) => event.target === root && leave());
  store.watch(
    (state) => [state.view.dialog === "help", state.view.keys],
    ([open, own]) => {
      reset.hidden = Object.keys(own).length === 0;
      if (open) draw(groups, [...rows(), ...notes], { capture, commands });
      if (open && !root.open) root.showModal();
      if (!open && root.open) root.close();
    },
  );
}

const HABITS = [
  { name: "undo_here", label: "Undo stays on the frame on screen" },
  { name: "first_region", label: "A new instance begins at the first region" },
  { name: "approve_steps", label: "Approving a mask goes on to the next frame" },
  { name: "retrack", label: "A correction is tracked on by itself, a moment after the last click" },
];

/** Make the choices of how some keys act. */
function habitList({ store, commands }) {
  const rows = HABITS.map(({ name, label }) => {
    const box = el("input", { type: "checkbox", testid: `habit-${name}`, on: { change: () => commands.chooseHabit(name, box.checked) } });
    store.watch((state) => state.view[name], (on) => (box.checked = on));
    return el("label", { class: "check" }, box, label);
  });
  return el("div", { class: "habits", attrs: { role: "group" }, aria: { label: "Habits of keys" } }, ...rows);
}

function draw(root, all, deps) {
  const groups = new Map();
  for (const row of all.filter((candidate) => candidate.help)) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  follow(root, [...groups], {
    key: ([name]) => name,
    make: ([name]) => el("section", {}, el("h2", { text: name }), el("div")),
    update: (node, [, rows]) =>
      follow(node.lastElementChild, rows, {
        key: (row) => row.name ?? row.help,
        make: (row) => el("div", { class: "help-row", testid: "help-row" }, el("span", { class: "help-keys" }), el("span", { text: row.help })),
        update: (line, row) => update(line, row, deps),
      }),
  });
}

/** A row that runs something has a button for each key; the others only say what they are. */
function update(line, row, { capture, commands }) {
  const keys = line.firstElementChild;
  line.classList.toggle("changed", Boolean(row.changed));
  if (!row.name || isFixed(row)) {
    keys.replaceChildren(...row.show.map((key) => el("kbd", { text: key })));
    return;
  }
  const caps = (row.keys.length ? row.keys : [null]).map((key) => cap(row, key, capture));
  const back = { class: "ghost", title: "Back to its default keys", testid: "key-reset", aria: { label: `Reset: ${row.help}` } };
  const undo = row.changed && el("button", { ...back, on: { click: () => commands.resetKey(row.name) } }, icon("rotate-ccw"));
  keys.replaceChildren(...caps, ...(undo ? [undo] : []));
}

function cap(row, key, capture) {
  const says = key === null ? `Give a key to: ${row.help}` : `${spelled(key)}: ${row.help}. Change the key`;
  const button = el("button", {
    class: "key-cap",
    testid: "key-cap",
    title: "Change this key",
    aria: { label: says },
    attrs: { "data-row": row.name, "data-was": key ?? "" },
    on: { click: (event) => capture.start(event.currentTarget, row, key) },
  });
  button.append(el("kbd", { text: key === null ? "none" : spelled(key) }));
  return button;
}
