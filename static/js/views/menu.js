/** A menu of actions: arrows move in it, Enter runs, Escape closes. */

import { el, icon, kbd } from "./dom.js";
import { makePopover } from "./popover.js";

/**
 * @typedef {{label: string, icon?: string, testid?: string, key?: string, note?: string,
 *   disabled?: boolean, danger?: boolean, run: () => void} | "line" | {title: string} | {node: Node}} MenuItem
 */

/** @param {{label: string, testid: string}} options @returns {{open: (beside: Element, items: MenuItem[]) => void, close: () => void}} */
export function makeMenu({ label, testid }) {
  let items = [];
  const menu = makePopover({
    label,
    testid,
    role: "menu",
    class: "menu",
    fill: (panel) => panel.replaceChildren(...items.map((item) => row(item, () => menu.close()))),
  });
  menu.panel.addEventListener("keydown", (event) => walk(event, menu));
  return {
    close: menu.close,
    open: (beside, next) => {
      items = next;
      menu.toggle(beside);
    },
  };
}

function row(item, close) {
  if (item === "line") return el("hr");
  if ("node" in item) return item.node;
  if ("title" in item) return el("h3", { text: item.title, attrs: { role: "presentation" } }); // a menu holds entries only
  const { label, icon: name, testid, key, note, disabled = false, danger, run } = item;
  const press = () => {
    close();
    run();
  };
  return el(
    "button",
    {
      class: danger ? "menu-item danger" : "menu-item",
      testid,
      disabled,
      title: note ?? "",
      attrs: { role: "menuitem", tabindex: "-1" },
      on: { click: press },
    },
    icon(name ?? "circle-dot"),
    el("span", { text: label }),
    kbd(key),
  );
}

function walk(event, menu) {
  const all = [...menu.panel.querySelectorAll("[role^=menuitem]:not(:disabled)")];
  const at = all.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Tab") menu.close();
  if (next === undefined || !all.length) return;
  event.preventDefault();
  all[(next + all.length) % all.length].focus();
}
