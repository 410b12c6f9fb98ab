/** The menu of an instance's class: one of the list, a new one, or none. */

import { titleOf } from "../core/instance_names.js";
import { el, icon } from "./dom.js";
import { makePopover } from "./popover.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const WORDS = "Exports can use the class as category, alone or with the region. The list is that of every video.";

/**
 * Make the one menu of classes for all cards.
 * @param {{store: Store, commands: Commands}} deps
 * @returns {(beside: Element, instance_id: number) => void}
 */
export function makeClassMenu({ store, commands }) {
  let shown = 0; // its instance_id
  const menu = makePopover({ label: "Class", testid: "class-menu", class: "menu region-menu", fill });
  const find = () => store.state.annotations.instances.find((instance) => instance.instance_id === shown);
  const choose = (class_name) => {
    menu.close();
    if (find()?.class_name !== class_name) commands.classifyInstance(shown, class_name);
  };

  function fill(panel) {
    const instance = find();
    if (!instance) return;
    const { classes } = store.state.annotations;
    const chosen = instance.class_name ?? null;
    const others = chosen !== null && !classes.includes(chosen) ? [chosen] : [];
    panel.replaceChildren(
      el("h3", { text: `Class of ${titleOf(instance)}` }),
      el("div", { class: "class-list" }, row(null, chosen, choose), ...[...classes, ...others].map((name) => row(name, chosen, choose, classes.includes(name) && commands.removeClass))),
      addForm((name) => (menu.close(), commands.classifyAnew(shown, name))),
      el("p", { class: "menu-note", text: WORDS }),
    );
  }

  menu.panel.addEventListener("keydown", (event) => walk(event, menu.panel));
  store.watch((state) => [state.annotations.classes, state.annotations.instances], () => menu.isOpen() && menu.refresh());
  return (beside, instance_id) => {
    shown = instance_id;
    menu.toggle(beside);
  };
}

/** @param {string | null} name @param {string | null} chosen @param {(name: string | null) => void} choose @param {any} [remove] false: cannot be taken off the list */
function row(name, chosen, choose, remove = false) {
  const is_chosen = name === chosen;
  const button = el(
    "button",
    { class: "menu-item", testid: "class-choice", attrs: is_chosen ? { autofocus: "" } : {}, aria: { pressed: String(is_chosen) }, on: { click: () => choose(name) } },
    icon(is_chosen ? "circle-check" : "circle"),
    el("span", { text: name ?? "No class" }),
  );
  const off = { class: "ghost", testid: "class-remove", title: "Take it off the list; instances keep it; can be undone", aria: { label: `Take ${name} off the list` } };
  return el("div", { class: "class-line" }, button, remove && el("button", { ...off, on: { click: () => remove(name) } }, icon("trash-2")));
}

function addForm(add) {
  const field = el("input", { testid: "class-new", placeholder: "New class, say: grasper", maxLength: 200, required: true, aria: { label: "Name of a new class" }, attrs: { autocomplete: "off" } });
  const form = el("form", { class: "region-add" }, field, el("button", { class: "button small", testid: "class-add", title: "Add it to the list and choose it (Enter)" }, icon("plus"), "Add"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (name) add(name);
  });
  return form;
}

/** Arrows go through the classes. */
function walk(event, panel) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = [...panel.querySelectorAll(".menu-item")];
  const at = all.indexOf(document.activeElement);
  if (by === undefined || at < 0) return;
  event.preventDefault();
  all[(at + by + all.length) % all.length].focus();
}
