/** Runs the command of a pressed key on the review page; fields and dialogs keep theirs. */

import { reviewKeyFor } from "../../core/review/keys.js";

/** @param {{commands: Record<string, Function>, signal?: AbortSignal}} deps */
export function listenToReviewKeys({ commands, signal }) {
  addEventListener(
    "keydown",
    (event) => {
      const row = reviewKeyFor(event);
      if (!row || isForeign(event)) return;
      event.preventDefault();
      commands[row.command](...row.args);
    },
    { signal },
  );
}

/** Keys that belong to what has the focus. @param {KeyboardEvent} event */
function isForeign({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (document.querySelector("dialog[open]")) return true;
  if (target.closest("input, select, textarea")) return key !== "F1";
  return Boolean(target.closest("button, a")) && ["Enter", " "].includes(key);
}
