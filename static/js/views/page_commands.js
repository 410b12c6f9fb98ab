/** Commands of keys and buttons that act on the page itself: the focus, the view, a drag under way. */

import { byId } from "./dom.js";

/** @import { Closed } from "../core/closed.js" */
/** @typedef {ReturnType<typeof import("../commands/all.js").makeCommands>} MadeCommands */
/** @typedef {Closed<MadeCommands & ReturnType<typeof pageCommands>>} Commands */

const PANES = ["stage", "left", "right", "time", "top"];

/**
 * @param {{commands: MadeCommands, stage: any, pointer: () => {cancel: () => boolean, finish: () => boolean, back: () => boolean}}} deps
 *   pointer: what is being drawn on the stage
 */
export function pageCommands({ commands, stage, pointer }) {
  const focusStage = () => byId("stage").focus({ preventScroll: true });

  /** Move the focus to the first control of the next panel. */
  function nextPane() {
    const at = PANES.findIndex((id) => byId(id).contains(document.activeElement));
    const pane = byId(PANES[(at + 1) % PANES.length]);
    (pane.querySelector("button:not(:disabled, [hidden]), input:not([hidden])") ?? pane).focus();
    if (pane.id === "stage") pane.focus();
    byId("stage").classList.toggle("reached-by-key", pane.id === "stage");
  }

  /** End what is being drawn, else one's own run, else go back to the stage. */
  function escape() {
    if (!pointer().cancel() && !commands.cancelRun()) focusStage();
  }

  return {
    fit: () => stage.fit(),
    zoom: (factor) => stage.zoom(factor),
    focusStage,
    focusFrame: () => byId("frame-number").focus(),
    nextPane,
    closePolygon: () => pointer().finish() || commands.downloadReady(),
    takeCornerBack: () => pointer().back() || commands.deleteSelected(),
    escape,
  };
}
