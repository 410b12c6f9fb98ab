/** Beside the pointer: what a click would do, and for which pair. */

import { clickDoes } from "../../core/hits.js";
import { currentPair, pairColour } from "../../core/selectors.js";

const OFFSET = 15; // CSS px right of and below the pointer
const HEIGHT = 20;
const SIGN_COLOURS = { add: "#6ea6ff", subtract: "#ff8a84", remove: "#ffd27a" };
const SIGNS = { add: "+", subtract: "−", remove: "×", box: "box", name: "point", move: "move" };

/**
 * @param {CanvasRenderingContext2D} context in CSS px
 * @param {any} scene
 * @returns {string | null} what a click would do
 */
export function drawCursor(context, { state, view, pointer }) {
  if (!pointer || pointer.panning) return null;
  const does = clickDoes(state, view, pointer);
  if (does) drawLabel(context, { at: pointer.at, sign: SIGNS[does], does, words: wordsFor(does, state), state });
  return does;
}

function wordsFor(does, state) {
  if (does === "remove") return "remove this dot";
  if (does === "move") return "drag it";
  const pair = currentPair(state);
  if (!pair) return "first instance";
  return does === "name" ? String(state.instance_id) : pair.replace("/", " ");
}

function drawLabel(context, { at, sign, does, words, state }) {
  context.font = "700 12px Inter, system-ui, sans-serif";
  const sign_width = context.measureText(sign).width + 6;
  context.font = "600 11px Inter, system-ui, sans-serif";
  const width = sign_width + context.measureText(words).width + 14;
  const [x, y] = placed(context.canvas, at, width);
  context.fillStyle = "#0c1016e6";
  context.beginPath();
  context.roundRect(x, y, width, HEIGHT, 5);
  context.fill();
  const pair = currentPair(state);
  context.fillStyle = pair ? pairColour(state, pair) : "#f2f5f8";
  context.fillRect(x, y + 4, 2.5, HEIGHT - 8);
  context.fillStyle = "#f2f5f8";
  context.fillText(words, x + 8 + sign_width, y + 14);
  context.font = "700 12px Inter, system-ui, sans-serif";
  context.fillStyle = SIGN_COLOURS[does] ?? "#f2f5f8";
  context.fillText(sign, x + 8, y + 14);
}

/** Right of and below the pointer; on the other side where the stage ends. */
function placed({ clientWidth, clientHeight }, at, width) {
  const [x, y] = at.map(Math.round);
  const left = x + OFFSET + width > clientWidth ? x - OFFSET - width : x + OFFSET;
  const top = y + OFFSET + HEIGHT > clientHeight ? y - OFFSET - HEIGHT : y + OFFSET;
  return [left, top];
}
