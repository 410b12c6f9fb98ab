/** One cell of the grid: the frame with its masks, and what is known of them. */

import { stateOf } from "../../core/review/cells.js";
import { cellTitle, cellWords, pairsOf, remarks, stateWords } from "../../core/review/words.js";
import { el, icon, setIcon, setText } from "../dom.js";

/** @import { Cell, CellVideo } from "../../core/review/cells.js" */

const SIGNS = { approved: "circle-check", rejected: "rotate-ccw", waiting: "circle", missing: "circle-dashed" };
const OPACITY = 0.5; // of a mask

/** @param {string} id @returns {any} */
export function makeCell(id) {
  const sign = icon(SIGNS.waiting);
  return el(
    "div",
    { class: "cell", id: `cell-${id}`, testid: "cell", attrs: { role: "gridcell", "data-cell": id } },
    el("canvas", { aria: { hidden: "true" } }),
    el("span", { class: "cell-title" }, el("b"), el("span", { class: "dim" })),
    el("span", { class: "cell-state" }, sign, el("span")),
    el("span", { class: "cell-remark dim" }),
  );
}

/**
 * @param {any} node @param {{cell: Cell, video: CellVideo | undefined, active: boolean, selected: boolean, column: number, playing: boolean}} what
 */
export function updateCell(node, { cell, video, active, selected, column, playing }) {
  const [, title, state, remark] = node.children;
  const found = stateOf(cell);
  node.dataset.state = found;
  node.classList.toggle("on", active);
  node.classList.toggle("playing", playing);
  node.setAttribute("aria-selected", String(selected));
  node.setAttribute("aria-colindex", String(column + 1));
  const words = cellWords(cell, video);
  if (node.title !== words) {
    node.title = words;
    node.setAttribute("aria-label", words);
  }
  setText(title.firstElementChild, cellTitle(cell, video));
  setText(title.lastElementChild, pairsOf(cell));
  setIcon(state.firstElementChild, SIGNS[found]);
  setText(state.lastElementChild, stateWords(cell));
  setText(remark, video?.error?.message ?? remarks(cell)[0] ?? "");
}

/**
 * Draw a frame with its masks, each in the colour of its instance; nothing is read back from the canvas.
 * @param {HTMLCanvasElement} canvas @param {{frame: ImageBitmap | undefined, masks: {bitmap: ImageBitmap, colour: string}[]}} pictures
 * @param {{width: number, height: number}} size device px
 */
export function drawCell(canvas, { frame, masks }, { width, height }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  if (!frame) return;
  const scale = Math.min(width / frame.width, height / frame.height);
  const [w, h] = [frame.width * scale, frame.height * scale];
  const at = { x: (width - w) / 2, y: (height - h) / 2, w, h };
  context.drawImage(frame, at.x, at.y, at.w, at.h);
  for (const { bitmap, colour } of masks) drawMask(context, bitmap, colour, at);
}

/** frame × (1 − opacity × mask) + colour × opacity × mask, put together from what canvases can do with a grey picture. */
function drawMask(context, bitmap, colour, { x, y, w, h }) {
  const inside = layer(bitmap, (paint) => {
    paint.globalCompositeOperation = "multiply";
    paint.fillStyle = colour;
    paint.fillRect(0, 0, bitmap.width, bitmap.height);
  });
  const outside = layer(bitmap, (paint) => {
    paint.globalCompositeOperation = "difference";
    paint.fillStyle = "#fff";
    paint.fillRect(0, 0, bitmap.width, bitmap.height);
  });
  context.save();
  context.globalAlpha = OPACITY;
  context.globalCompositeOperation = "multiply";
  context.drawImage(outside, x, y, w, h);
  context.globalCompositeOperation = "lighter";
  context.drawImage(inside, x, y, w, h);
  context.restore();
}

function layer(bitmap, draw) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const paint = canvas.getContext("2d");
  paint.drawImage(bitmap, 0, 0);
  draw(paint);
  return canvas;
}
