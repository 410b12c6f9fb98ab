/** Waits for the new key of a command, and asks if another command has it. */

import { clash } from "../core/bindings.js";
import { isModifier, keyName, pressedKey, refusal, spelled } from "../core/keys.js";
import { el } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */

/**
 * @param {any} root the dialog it happens in @param {{commands: Commands, rows: () => any[]}} deps
 * @returns {{note: any, start: (cap: any, row: any, from: string | null) => void, stop: () => void}}
 */
export function mountKeyCapture(root, { commands, rows }) {
  const text = el("span");
  const take = el("button", { class: "button small primary", testid: "key-take", text: "Use it here" });
  const leave = el("button", { class: "button small", testid: "key-leave", text: "Cancel" });
  const note = el("p", { class: "key-note", testid: "key-note", attrs: { role: "status" }, hidden: true }, text, take, leave);
  let waiting = null; // {cap, row, from}
  let asked = null; // the key that another row has

  const show = (words, asks = false) => {
    note.hidden = !words;
    text.textContent = words;
    take.hidden = leave.hidden = !asks;
  };
  const stop = () => {
    waiting?.cap.classList.remove("waiting");
    waiting = asked = null;
    show("");
  };
  const start = (cap, row, from) => {
    stop();
    waiting = { cap, row, from };
    cap.classList.add("waiting");
    show(`Press the new key for “${row.help}”. Esc cancels.`);
  };
  const bind = (to) => {
    const { row, from } = waiting;
    stop();
    commands.bindKey({ name: row.name, from, to });
    root.querySelector(`.key-cap[data-row="${row.name}"]`)?.focus();
  };

  /** The key was pressed: it is taken at once if it is free. */
  function pressed(event) {
    if (!waiting || asked || isModifier(pressedKey(event))) return;
    event.preventDefault();
    event.stopPropagation();
    const to = keyName(event);
    if (to === "Escape") return stop();
    const other = clash(rows(), waiting.row.name, to);
    const refused = refusal(to);
    if (refused) return show(`${refused} Press another one.`);
    if (!other) return bind(to);
    asked = to;
    show(`${spelled(to)} is “${other.help || other.name}”.`, true);
    take.focus();
  }

  root.addEventListener("keydown", pressed, { capture: true });
  root.addEventListener("cancel", (event) => waiting && (event.preventDefault(), stop()));
  take.addEventListener("click", () => bind(asked));
  leave.addEventListener("click", stop);
  return { note, start, stop };
}
