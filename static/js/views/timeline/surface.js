/** Canvases of the timeline: their sizes, and the colours of the theme. */

import { el } from "../dom.js";

const TOKENS = {
  line: "line", edge: "faint", faint: "faint", dim: "dim", text: "text", track: "track", panel: "panel", accent: "accent",
  ok: "ok", fair: "fair", unsure: "unsure", warn: "warn", bad: "bad", active: "lane-active", activeEdge: "lane-edge", diamond: "diamond", diamondEdge: "diamond-edge",
};

/** The colours of the theme, by the names used here. @param {HTMLElement} root @returns {Record<string, string>} */
export function coloursOf(root) {
  const probe = el("i");
  probe.style.setProperty("forced-color-adjust", "none"); // else every colour is that of text
  root.append(probe);
  const read = (token) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, read(token)]));
  probe.remove();
  return found;
}

/** A cleared context in CSS px. @param {any} canvas @param {number} width @param {number} height @returns {CanvasRenderingContext2D} */
export function cleared(canvas, width, height) {
  const wide = Math.round(width * devicePixelRatio);
  const high = Math.round(height * devicePixelRatio);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, wide, high);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}

const PATTERNS = new Map();
const MOST_PATTERNS = 200;

/** Slanted lines of one colour on another. @param {CanvasRenderingContext2D} context @param {string} colour @param {string} ground */
export function hatched(context, colour, ground) {
  const name = `${colour} ${ground}`;
  if (PATTERNS.size >= MOST_PATTERNS) PATTERNS.clear();
  if (!PATTERNS.has(name)) PATTERNS.set(name, context.createPattern(tileOf(colour, ground), "repeat"));
  return PATTERNS.get(name);
}

function tileOf(colour, ground) {
  const tile = new OffscreenCanvas(8, 8);
  const paint = tile.getContext("2d");
  paint.fillStyle = ground;
  paint.fillRect(0, 0, 8, 8);
  paint.strokeStyle = colour;
  paint.lineWidth = 2.6;
  paint.beginPath();
  for (const shift of [-8, 0, 8]) {
    paint.moveTo(shift - 1, 9);
    paint.lineTo(shift + 9, -1);
  }
  paint.stroke();
  return tile;
}
