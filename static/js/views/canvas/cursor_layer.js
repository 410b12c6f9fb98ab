/** Draws at the pointer: the ring of the brush, the loupe of keypoints, and beside a pointer that rests what a click does. */

import { clickWords } from "../../core/click_words.js";
import { clickDoes } from "../../core/hits.js";
import { currentPair, pairColour } from "../../core/selectors.js";
import { across } from "../../core/viewport.js";
import { drawLoupe } from "./loupe.js";

const OFFSET = 18; // CSS px right of and below the pointer
const HEIGHT = 20;
const CROSS_GAP = 4; // CSS px from the middle, where one sees the spot
const CROSS_END = 16;
const LEAST_RING = 2.5; // CSS px
const WHITE = "#f2f5f8";
const FONT = "600 11px Inter, system-ui, sans-serif";
const SIGN_COLOURS = { add: "#6ea6ff", subtract: "#ff8a84", remove: "#ffd27a", paint: "#6ea6ff", erase: "#ff8a84" };

/**
 * @param {CanvasRenderingContext2D} context in CSS px
 * @param {any} scene
 * @returns {string | null} what a click would do
 */
export function drawCursor(context, scene) {
  const { state, view, pointer, draft } = scene;
  if (!pointer || pointer.panning) return null;
  if (state.view.pointing) drawCross(context, pointer.at);
  const does = clickDoes(state, view, { ...pointer, corners: draft?.polygon?.corners });
  if (!does) return null;
  if (does === "paint" || does === "erase") drawRing(context, pointer.at, { view, radius_px: state.view.brush_px / 2 }, does);
  const has_loupe = state.view.loupe && state.view.tool === "keypoint";
  if (has_loupe) drawLoupe(context, scene);
  else if (pointer.rests && !pointer.dragging && state.view.pointer_labels) drawLabel(context, pointer.at, { state, does });
  return does;
}

/** The pointer that keys move: the system draws none for it. */
function drawCross(context, [x, y]) {
  context.save();
  for (const [style, width] of [["#000c", 4], ["#fff", 1.6]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + dx * CROSS_GAP, y + dy * CROSS_GAP);
      context.lineTo(x + dx * CROSS_END, y + dy * CROSS_END);
    }
    context.stroke();
  }
  context.restore();
}

/** The brush as large as it paints: round in the file's pixels. */
function drawRing(context, [x, y], { view, radius_px }, does) {
  const [wide, high] = [across(view), view.scale].map((scale) => Math.max(LEAST_RING, radius_px * scale));
  context.save();
  for (const [style, width] of [["#000b", 3], [does === "paint" ? "#fff" : "#ff8a84", 1.4]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.ellipse(x, y, wide, high, 0, 0, 2 * Math.PI);
    context.moveTo(x - 2.5, y);
    context.lineTo(x + 2.5, y);
    if (does === "paint") {
      context.moveTo(x, y - 2.5);
      context.lineTo(x, y + 2.5);
    }
    context.stroke();
  }
  context.restore();
}

/** Draw one line: the pair, the sign, the words. */
function drawLabel(context, at, { state, does }) {
  const pair = currentPair(state);
  const { sign, words } = clickWords(state, does);
  const text = `${pair ? pair.replace("/", " ") : "first instance"}: ${words}`;
  context.font = FONT;
  const sign_width = sign ? context.measureText(sign).width + 5 : 0;
  const width = sign_width + context.measureText(text).width + 15;
  const [x, y] = placed(context.canvas, at, width);
  context.fillStyle = "#0c1016e6";
  context.beginPath();
  context.roundRect(x, y, width, HEIGHT, 5);
  context.fill();
  context.fillStyle = pair ? pairColour(state, pair) : WHITE;
  context.fillRect(x, y + 4, 2.5, HEIGHT - 8);
  context.fillStyle = SIGN_COLOURS[does] ?? WHITE;
  context.fillText(sign, x + 8, y + 14);
  context.fillStyle = WHITE;
  context.fillText(text, x + 8 + sign_width, y + 14);
}

/** Right of and below the pointer; on the other side where the stage ends. */
function placed({ clientWidth, clientHeight }, at, width) {
  const [x, y] = at.map(Math.round);
  const left = x + OFFSET + width > clientWidth ? Math.max(0, x - OFFSET - width) : x + OFFSET;
  const top = y + OFFSET + HEIGHT > clientHeight ? y - OFFSET - HEIGHT : y + OFFSET;
  return [left, top];
}
