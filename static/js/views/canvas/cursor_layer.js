/** Draws at the pointer: the effect of a click and its pair, the ring of the brush, the pairs whose masks lie there. */

import { clickDoes } from "../../core/hits.js";
import { currentPair, pairColour } from "../../core/selectors.js";

const OFFSET = 15; // CSS px right of and below the pointer
const HEIGHT = 20;
const GAP = 3;
const MOST_NAMED = 3; // pairs named at the pointer
const LEAST_RING = 2.5; // CSS px
const WHITE = "#f2f5f8";
const SIGN_FONT = "700 12px Inter, system-ui, sans-serif";
const FONT = "600 11px Inter, system-ui, sans-serif";
const SIGN_COLOURS = { add: "#6ea6ff", subtract: "#ff8a84", remove: "#ffd27a", paint: "#6ea6ff", erase: "#ff8a84", pick: "#ffd27a" };
const SIGNS = {
  add: "+", subtract: "−", remove: "×", box: "box", name: "point", move: "move", paint: "+", erase: "−", corner: "corner",
  close: "close", pick: "select", "resize-x": "box", "resize-y": "box", "resize-nwse": "box", "resize-nesw": "box",
};

/**
 * @param {CanvasRenderingContext2D} context in CSS px
 * @param {any} scene
 * @returns {string | null} what a click would do
 */
export function drawCursor(context, { state, view, pointer, draft }) {
  if (!pointer || pointer.panning) return null;
  const does = clickDoes(state, view, { ...pointer, corners: draft?.polygon?.corners });
  if (!does) return null;
  if (does === "paint" || does === "erase") drawRing(context, pointer.at, (state.view.brush_px / 2) * view.scale, does);
  if (!pointer.dragging) drawLabels(context, pointer.at, labels(does, state));
  return does;
}

/** @typedef {{swatch: string, sign?: string, sign_colour?: string, words: string}} Label */

/** The click first, then the pairs that lie here. @returns {Label[]} */
function labels(does, state) {
  const pair = currentPair(state);
  const swatch = pair ? pairColour(state, pair) : WHITE;
  const click = { swatch, sign: SIGNS[does], sign_colour: SIGN_COLOURS[does], words: wordsFor(does, state) };
  const here = state.view.hovered.slice(0, MOST_NAMED);
  return [click, ...here.map((hovered) => ({ swatch: pairColour(state, hovered), words: `in ${hovered.replace("/", " ")}` }))];
}

const WORDS = { remove: "removes, drag moves", move: "drag it", close: "the polygon", pick: "the pair here" };

function wordsFor(does, state) {
  if (does.startsWith("resize")) return "drag, click removes";
  if (WORDS[does]) return WORDS[does];
  const pair = currentPair(state);
  if (!pair) return "first instance";
  return does === "name" ? String(state.annotations.instance_id) : pair.replace("/", " ");
}

/** The brush as large as it paints. */
function drawRing(context, [x, y], radius, does) {
  context.save();
  for (const [style, width] of [["#000b", 3], [does === "paint" ? "#fff" : "#ff8a84", 1.4]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, Math.max(LEAST_RING, radius), 0, 2 * Math.PI);
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

function drawLabels(context, at, rows) {
  const widths = rows.map((row) => widthOf(context, row));
  const height = rows.length * (HEIGHT + GAP) - GAP;
  const [x, y] = placed(context.canvas, at, [Math.max(...widths), height]);
  rows.forEach((row, i) => drawLabel(context, row, { x, y: y + i * (HEIGHT + GAP), width: widths[i] }));
}

function widthOf(context, { sign, words }) {
  context.font = SIGN_FONT;
  const sign_width = sign ? context.measureText(sign).width + 6 : 0;
  context.font = FONT;
  return sign_width + context.measureText(words).width + 14;
}

function drawLabel(context, { swatch, sign, sign_colour = WHITE, words }, { x, y, width }) {
  context.fillStyle = sign ? "#0c1016e6" : "#0c1016b8";
  context.beginPath();
  context.roundRect(x, y, width, HEIGHT, 5);
  context.fill();
  context.fillStyle = swatch;
  context.fillRect(x, y + 4, 2.5, HEIGHT - 8);
  let left = x + 8;
  if (sign) {
    context.font = SIGN_FONT;
    context.fillStyle = sign_colour;
    context.fillText(sign, left, y + 14);
    left += context.measureText(sign).width + 6;
  }
  context.font = FONT;
  context.fillStyle = sign ? WHITE : "#c9d2dc";
  context.fillText(words, left, y + 14);
}

/** Right of and below the pointer; on the other side where the stage ends. */
function placed({ clientWidth, clientHeight }, at, [width, height]) {
  const [x, y] = at.map(Math.round);
  const left = x + OFFSET + width > clientWidth ? x - OFFSET - width : x + OFFSET;
  const top = y + OFFSET + height > clientHeight ? y - OFFSET - height : y + OFFSET;
  return [left, top];
}
