/** The bar between stage and timeline: dragged, or moved by the arrow keys when it has the focus. */

import { LANE_PX } from "./timeline/lanes_layer.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */


/** @param {HTMLElement} root @param {{store: Store, commands: Commands}} deps */
export function mountSplitter(root, { store, commands }) {
  const section = root.parentElement;
  const height = () => section.offsetHeight; // with its border, as its row is given
  store.watch((state) => state.view.timeline_px, (timeline_px) => {
    const { style } = document.body;
    if (timeline_px === null) style.removeProperty("--timeline");
    else style.setProperty("--timeline", `${timeline_px}px`);
    root.setAttribute("aria-valuenow", String(height()));
  });
  let grip = null; // the place of the press, and the timeline's height then
  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    grip = { y: event.clientY, height: height() };
    root.setPointerCapture(event.pointerId);
    root.classList.add("dragged");
  });
  root.addEventListener("pointermove", (event) => {
    if (grip) commands.resizeTimeline(Math.max(0, grip.height + grip.y - event.clientY));
  });
  const end = () => {
    if (grip && store.state.view.timeline_px !== null) commands.resizeTimeline(height());
    grip = null;
    root.classList.remove("dragged");
  };
  root.addEventListener("pointerup", end);
  root.addEventListener("pointercancel", end);
  root.addEventListener("dblclick", () => commands.resizeTimeline(null));
  root.addEventListener("keydown", (event) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    commands.resizeTimeline(height() + way * LANE_PX);
  });
}
