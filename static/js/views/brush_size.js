/** The slider for the width of the brush, shown with the brush and the eraser. */

import { el, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const STEPS = 100; // of the slider; each makes the brush wider by the same factor
const LEAST = 1; // source px
const MOST = 600;

const widthAt = (step) => LEAST * (MOST / LEAST) ** (step / STEPS);
const stepAt = (brush_px) => Math.round((STEPS * Math.log(brush_px / LEAST)) / Math.log(MOST / LEAST));

/** @param {HTMLElement} root @param {{store: Store, commands: Commands}} deps */
export function mountBrushSize(root, { store, commands }) {
  const slider = el("input", {
    type: "range",
    min: 0,
    max: STEPS,
    step: 1,
    testid: "brush-size",
    aria: { label: "Width of the brush, in pixels of the video" },
    on: { input: () => commands.setBrush(widthAt(Number(slider.value))) },
  });
  const value = el("span", { class: "num" });
  root.title = "Width of the brush (Shift+wheel)";
  root.append("size", slider, value);
  store.watch(
    ({ video, view }) => !video.open || !["brush", "eraser"].includes(view.tool),
    (hidden) => (root.hidden = hidden),
  );
  store.watch(({ view }) => view.brush_px, (brush_px) => {
    slider.value = stepAt(brush_px);
    setText(value, `${brush_px < 10 ? brush_px.toFixed(1) : Math.round(brush_px)} px`);
  });
}
