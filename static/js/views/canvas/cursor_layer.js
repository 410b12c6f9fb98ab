/** Beside the pointer: what a click would do, and for which pair. */

import { currentPair, pairColour } from "../../core/selectors.js";
import { onImage, toImage } from "../../core/viewport.js";

const OFFSET = 15; // CSS px right of and below the pointer

const WHAT = {
  click: ({ label }) => (label ? "+" : "−"),
  box: () => "box",
  keypoint: () => "point",
};

/** @param {CanvasRenderingContext2D} context in CSS px @param {any} scene */
export function drawCursor(context, { state, view, pointer }) {
  const pair = currentPair(state);
  if (!pointer || pointer.panning || !pair || state.drawn_idx === null) return;
  if (!onImage(state.video, toImage(view, pointer.at))) return;
  const label = pointer.shift ? 1 - state.view.label : state.view.label;
  const what = WHAT[state.view.tool]({ label });
  const text = `${what}  ${state.view.tool === "keypoint" ? state.instance_id : pair.replace("/", " ")}`;
  const [x, y] = pointer.at.map((value) => Math.round(value) + OFFSET);
  context.font = "600 11px Inter, system-ui, sans-serif";
  const width = context.measureText(text).width + 12;
  context.fillStyle = "#0c1016d9";
  context.beginPath();
  context.roundRect(x, y, width, 19, 5);
  context.fill();
  context.fillStyle = pairColour(state, pair);
  context.fillRect(x, y + 4, 2.5, 11);
  context.fillStyle = "#f2f5f8";
  context.fillText(text, x + 7, y + 13.5);
}
