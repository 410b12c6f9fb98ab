/** Marks a page that only looks: a sign in the bar on top, and editing buttons that cannot be pressed. */

import { EDITING, isReadOnly } from "../core/editing.js";
import { byId, icon } from "./dom.js";

/** @import { Store } from "../core/store.js" */

const WHY = "You can only look and export here. To change annotations, open the page with the URL that lets you.";

/** @param {{store: Store}} deps */
export function mountReadOnly({ store }) {
  const chip = byId("read-only");
  chip.append(icon("eye"), "Read only");
  chip.title = WHY;
  store.watch(isReadOnly, (reads_only) => {
    chip.hidden = !reads_only;
    document.documentElement.toggleAttribute("data-read-only", reads_only);
    if (!reads_only) return;
    for (const button of document.querySelectorAll("button[data-command]")) {
      if (button instanceof HTMLElement && EDITING.has(button.dataset.command)) disable(button);
    }
    disable(byId("drop"));
  });
}

/** Mark a button as disabled; it stays pressable, and then says why nothing happens. @param {HTMLElement} button */
function disable(button) {
  button.setAttribute("aria-disabled", "true");
  button.title = `${button.title || button.textContent.trim()}: read only`;
}
