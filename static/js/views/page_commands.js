/** Commands of keys and buttons that act on the page itself: the focus, the view, a drag under way. */

import { byId } from "./dom.js";

/** @import { Closed } from "../core/closed.js" */
/** @typedef {ReturnType<typeof import("../commands/all.js").makeCommands>} MadeCommands */
/** @typedef {Closed<MadeCommands & ReturnType<typeof pageCommands>>} Commands */

const PANES = ["stage", "batch-bar", "left", "right", "time", "top", "stage-bar"];
const NARROW = "(max-width: 760px)"; // as in phone.css: panels lie over the page

/**
 * @param {{commands: MadeCommands, stage: any, pointer: () => {cancel: () => boolean, finish: () => boolean, back: () => boolean}}} deps
 *   pointer: what is being drawn on the stage
 */
export function pageCommands({ commands, stage, pointer }) {
  const focusStage = () => byId("stage").focus({ preventScroll: true });

  /** Move the focus to the first control of the next panel. */
  function nextPane() {
    const shown = PANES.filter((id) => byId(id).checkVisibility());
    const at = shown.findIndex((id) => byId(id).contains(document.activeElement));
    const pane = byId(shown[(at + 1) % shown.length]);
    const controls = [...pane.querySelectorAll("button:not(:disabled), input")].filter((control) => control.checkVisibility());
    const first = controls.find((control) => !control.closest(".h2-tools")) ?? controls[0]; // the panel's main control, then its heading's buttons
    (first ?? pane).focus();
    if (pane.id === "stage") pane.focus();
    byId("stage").classList.toggle("reached-by-key", pane.id === "stage");
  }

  /** Fold a side panel; on a narrow page, lay it over the stage. */
  const foldSide = (name) => (matchMedia(NARROW).matches ? commands.openSheet(name) : commands.foldPanel(name));

  function fullScreen() {
    if (document.fullscreenElement) return document.exitFullscreen();
    return document.documentElement.requestFullscreen();
  }

  /** End what is being drawn, else one's own run, else go back to the stage. */
  function escape() {
    if (commands.closeSheet()) return;
    if (!pointer().cancel() && !commands.cancelRun()) focusStage();
  }

  /** Open the menu of the selected instance's class. */
  const chooseClass = () => byId("instances").querySelector(".instance.on .instance-class")?.click();

  return {
    chooseClass,
    fit: () => stage.fit(),
    zoom: (factor) => stage.zoom(factor),
    focusStage,
    focusFrame: () => byId("frame-number").focus(),
    nextPane,
    foldLeft: () => foldSide("left"),
    foldRight: () => foldSide("right"),
    foldTime: () => commands.foldPanel("time"),
    fullScreen,
    closePolygon: () => pointer().finish() || commands.downloadReady() || commands.saveItem(),
    focusItem: () => byId("batch-bar").checkVisibility() && void byId("batch-number").focus(),
    takeCornerBack: () => pointer().back() || (commands.cameFromReview() ? commands.backToReview() : commands.deleteSelected()),
    escape,
  };
}
