/** Keys of the review page: the command of each, and its words in the help. */

import { keyName } from "../keys.js";

/** @typedef {{command: string, args: any[], keys: string[], show: string[], help: string}} ReviewKey */

const row = (command, args, keys, show, help) => ({ command, args, keys, show, help });

/** @type {ReviewKey[]} */
export const REVIEW_KEYS = [
  row("approve", [], ["y"], ["Y"], "Approve the cell, or all selected ones; again: no longer"),
  row("askReason", [], ["x"], ["X"], "Reject, with a reason: to be made again; again: no longer"),
  row("openCell", [], ["Enter"], ["Enter"], "Open the frame on the work page; Backspace there comes back"),
  row("togglePlay", [], [" "], ["Space"], "Play the frames around the cell in place; again: stop"),
  row("step", ["left"], ["ArrowLeft"], ["←"], "Cell before"),
  row("step", ["right"], ["ArrowRight"], ["→"], "Next cell"),
  row("step", ["up"], ["ArrowUp"], ["↑"], "Cell above"),
  row("step", ["down"], ["ArrowDown"], ["↓"], "Cell below"),
  row("step", ["page_up"], ["PageUp"], ["PgUp"], "A page up"),
  row("step", ["page_down"], ["PageDown"], ["PgDn"], "A page down"),
  row("step", ["first"], ["Home"], ["Home"], "First cell"),
  row("step", ["last"], ["End"], ["End"], "Last cell"),
  row("step", ["left", true], ["Shift+ArrowLeft"], ["Shift+←"], "Select on to the cell before"),
  row("step", ["right", true], ["Shift+ArrowRight"], ["Shift+→"], "Select on to the next cell"),
  row("step", ["up", true], ["Shift+ArrowUp"], ["Shift+↑"], "Select on to the cell above"),
  row("step", ["down", true], ["Shift+ArrowDown"], ["Shift+↓"], "Select on to the cell below"),
  row("selectAll", [], ["Ctrl+a"], ["Ctrl+A"], "Select all cells that are shown"),
  row("leaveSelection", [], ["Escape"], ["Esc"], "Stop playing; select none"),
  row("undo", [], ["Ctrl+z", "u"], ["Ctrl+Z", "U"], "Take the last approval or rejection back"),
  row("renewOrder", [], ["r"], ["R"], "Filter and sort again: what changed stays in its place until then"),
  row("showHelp", [], ["?", "F1"], ["?", "F1"], "This list"),
];

/** Mouse rows of the help. @type {{show: string[], help: string}[]} */
export const REVIEW_MOUSE = [
  { show: ["Click"], help: "Go to a cell" },
  { show: ["Double click"], help: "Open the frame on the work page" },
  { show: ["Shift+click"], help: "Select up to this cell" },
  { show: ["Ctrl+click"], help: "Select this cell, too; again: no longer" },
];

/** The row of a pressed key, or undefined. @param {KeyboardEvent} event */
export function reviewKeyFor(event) {
  const name = keyName(event);
  return REVIEW_KEYS.find(({ keys }) => keys.includes(name));
}

/** The key to show beside a button. @param {string} command */
export const reviewKeyOf = (command) => REVIEW_KEYS.find((found) => found.command === command)?.show[0] ?? "";
