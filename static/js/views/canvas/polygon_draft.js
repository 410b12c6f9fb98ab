/** A polygon that is being drawn: its sides, its corners, and where the next side would go. */

import { closesPolygon } from "../../core/hits.js";
import { toScreen } from "../../core/viewport.js";

const CORNER = 3; // CSS px, half a corner's width
const ADDS = "#6ea6ff";
const CUTS = "#ff8a84";

/** @param {CanvasRenderingContext2D} context in CSS px @param {any} view @param {{corners: number[][], pointer: number[] | null, adds: boolean}} polygon */
export function drawPolygon(context, view, { corners, pointer, adds }) {
  const places = corners.map((corner) => toScreen(view, corner));
  const next = pointer && toScreen(view, pointer);
  const closes = next !== null && closesPolygon(view, next, corners);
  const colour = adds ? ADDS : CUTS;
  context.save();
  context.beginPath();
  for (const [x, y] of places) context.lineTo(x, y);
  if (next && !closes) context.lineTo(next[0], next[1]);
  context.closePath();
  context.fillStyle = `${colour}2e`;
  context.fill();
  drawSides(context, places, { next: closes ? places[0] : next, colour });
  places.forEach((place, at) => drawCorner(context, place, { colour, large: at === 0 && closes }));
  context.restore();
}

function drawSides(context, places, { next, colour }) {
  for (const [style, width] of [["#000a", 3.4], [colour, 1.6]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.setLineDash([]);
    context.beginPath();
    for (const [x, y] of places) context.lineTo(x, y);
    context.stroke();
    if (!next) continue;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(...places.at(-1));
    context.lineTo(...next);
    context.stroke();
  }
  context.setLineDash([]);
}

function drawCorner(context, [x, y], { colour, large }) {
  const half = large ? CORNER + 2 : CORNER;
  context.fillStyle = "#fff";
  context.strokeStyle = large ? "#ffd27a" : colour;
  context.lineWidth = large ? 2.4 : 1.4;
  context.fillRect(x - half, y - half, 2 * half, 2 * half);
  context.strokeRect(x - half, y - half, 2 * half, 2 * half);
}
