/** Runs the command of a pressed key by its row in the keymap; text fields keep their keys. */

import { isModifier } from "../core/keys.js";
import { isTyping } from "./focus_walk.js";
import { rowFor } from "./keymap.js";

const PEEK_MS = 350; // held longer: the release takes it back
const NO_ROW = { command: "", keys: ["Enter"] };
const TAP_MS = 500; // held longer: no tap

/**
 * Any press of a button or key is a hand that moves: the stage no longer rides with a run.
 * @param {{commands: {letGo: () => void}, signal?: AbortSignal}} deps
 */
export function listenToHands({ commands, signal }) {
  addEventListener("pointerdown", () => commands.letGo(), { capture: true, signal });
  addEventListener("keydown", ({ key, repeat }) => !repeat && !isModifier(key) && commands.letGo(), { capture: true, signal });
}

/**
 * @param {{commands: Record<string, Function>, held: import("./held_keys.js").HeldKeys,
 *   walk: {walking: boolean}, rows?: () => import("./keymap.js").KeyRow[], take?: (event: KeyboardEvent) => boolean, signal?: AbortSignal}} deps
 *   rows: the keymap as it is now; take: takes a key that comes before it
 */
export function listenToKeys({ commands, held, walk, rows, take, signal }) {
  const down_at = new Map(); // row name → when it was pressed
  /** A command answers false if it had nothing to act on: the key is then left to the browser. */
  const run = ({ command, args = [] }) => commands[command](...args) !== false;

  function pressed(event) {
    if (isBareAlt(event)) event.preventDefault();
    if (take && !isForeign(event, NO_ROW, walk) && take(event)) return event.preventDefault();
    const row = rowFor(event, rows?.());
    if (!row || isForeign(event, row, walk)) return;
    if (row.hold === "tap") held.setSpace(true);
    if (row.hold && !event.repeat) down_at.set(row.name, event.timeStamp);
    const acts = row.hold === "tap" || (row.hold && event.repeat) || run(row);
    if (acts) event.preventDefault();
  }

  function released(event) {
    if (isBareAlt(event)) event.preventDefault();
    const row = rowFor(event, rows?.());
    if (event.key === " " || row?.hold === "tap") held.setSpace(false);
    if (!row?.hold || !down_at.has(row.name)) return;
    const held_ms = event.timeStamp - down_at.get(row.name);
    down_at.delete(row.name);
    event.preventDefault(); // a focused button would be pressed by Space
    if (row.hold === "tap" ? held_ms < TAP_MS && !held.used : held_ms > PEEK_MS) run(row);
  }

  addEventListener("keydown", pressed, { signal });
  addEventListener("keyup", released, { signal });
  addEventListener("blur", () => held.setSpace(false), { signal });
}

/** Alt alone opens the menu of Firefox, which then takes the next keys. */
const isBareAlt = ({ key, target }) => key === "Alt" && !(target instanceof Element && isTyping(target));

/** Keys that belong to what has the focus: a text field, a dialog, a control the focus was walked to. */
function isForeign(event, row, { walking }) {
  const { target } = event;
  if (!(target instanceof Element)) return false;
  if (document.querySelector("dialog[open], [popover]:popover-open")) return true;
  if (row.command === "copyPrompts" && getSelection()?.toString()) return true;
  if (isTyping(target)) return !["nextPane", "showCommands"].includes(row.command);
  if (!walking) return false;
  if (row.keys.includes("Tab") || row.keys.includes("Shift+Tab")) return true;
  const control = target.closest("button, input, [role=separator]");
  if (!control) return false;
  return ["Enter", " "].some((key) => row.keys.includes(key)) || (!control.matches("button") && event.key.startsWith("Arrow"));
}
