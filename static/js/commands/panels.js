/** Panels and cards that fold, what lies at the pointer, and the list of commands: changes of this page only. */

import { allFolded, withFold } from "../core/panels.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function}} deps */
export function panelCommands({ store, toast }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });
  const view = () => store.state.view;

  /** @param {string} name left, right or time */
  const foldPanel = (name) => set("panels_folded", { folded: withFold(view().folded, name) });
  /** All panels make way for the picture; again: they come back. */
  const foldAll = () => set("panels_folded", allFolded(view()));
  /** Lay a panel over a narrow page; the same one again, or null, takes it away. @param {string | null} name */
  const openSheet = (name) => set("sheet_changed", { sheet: name === view().sheet ? null : name });
  /** @returns {boolean} whether a panel lay over the page */
  function closeSheet() {
    const lay_there = view().sheet !== null;
    if (lay_there) openSheet(null);
    return lay_there;
  }
  const foldCards = () => set("cards_folded_changed", { cards_folded: !view().cards_folded });
  /** Let keys move the pointer, and press its buttons; again: no longer. */
  function togglePointing() {
    if (!store.state.video.open) return;
    set("pointing_changed", { pointing: !view().pointing });
    const [message, hint] = view().pointing ? ["Keys move the pointer.", "Arrows: 10 px, with Shift 1, with Ctrl 50. Enter: left button. Shift+Enter: right. Esc: end."] : ["The mouse moves the pointer.", ""];
    toast({ level: "info", about: "pointing", message, hint });
  }

  const togglePointerLabels = () => set("pointer_labels_changed", { pointer_labels: !view().pointer_labels });
  const toggleLoupe = () => set("loupe_changed", { loupe: !view().loupe });
  const showCommands = () => set("dialog_changed", { dialog: view().dialog === "commands" ? null : "commands" });

  return { foldPanel, foldAll, openSheet, closeSheet, foldCards, togglePointing, togglePointerLabels, toggleLoupe, showCommands };
}
