/** Clicks, boxes and keypoints, always the same size on screen. */

import { currentPair, keypointsHere, pairColour, promptHere } from "../../core/selectors.js";
import { toScreen } from "../../core/viewport.js";
import { drawPolygon } from "./polygon_draft.js";

const DOT_RADIUS_SCREEN = 6.5; // CSS px
const POSITIVE = "#2f7bff";
const NEGATIVE = "#e5484d";
const CIRCLE = 2 * Math.PI;

/** @param {CanvasRenderingContext2D} context in CSS px @param {any} scene */
export function drawPrompts(context, { state, view, draft }) {
  if (state.playback.drawn_idx === null) return;
  const { points, box, pending } = promptHere(state);
  const pair = currentPair(state);
  const colour = pair ? pairColour(state, pair) : "#ffffff";
  const shown = draft?.box ?? box;
  if (shown) drawBox(context, view, { box: shown, colour, dashed: Boolean(draft?.box || pending) });
  if (shown && state.view.tool === "box") drawHandles(context, view, shown);
  points.forEach((point, at) => {
    const place = draft?.point_idx === at ? draft.at : [point.x, point.y];
    drawPoint(context, toScreen(view, place), point);
  });
  for (const item of keypointsHere(state)) drawKeypoint(context, view, { ...item, draft, state });
  if (draft?.polygon) drawPolygon(context, view, draft.polygon);
}

/** @param {CanvasRenderingContext2D} context @param {number[]} place @param {import("../../core/wire.js").Point} point */
function drawPoint(context, [x, y], { label, pending }) {
  disc(context, x, y, { radius: DOT_RADIUS_SCREEN, fill: label ? POSITIVE : NEGATIVE });
  context.lineWidth = 1.6;
  context.beginPath();
  context.moveTo(x - 2.8, y);
  context.lineTo(x + 2.8, y);
  if (label) {
    context.moveTo(x, y - 2.8);
    context.lineTo(x, y + 2.8);
  }
  context.stroke();
  if (pending) ring(context, x, y);
}

function disc(context, x, y, { radius, fill }) {
  context.beginPath();
  context.arc(x, y, radius, 0, CIRCLE);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 3;
  context.strokeStyle = "#0009";
  context.stroke();
  context.lineWidth = 1.6;
  context.strokeStyle = "#fff";
  context.stroke();
}

/** Ring a prompt that is not stored on the server yet. */
function ring(context, x, y) {
  context.save();
  context.setLineDash([3, 3]);
  context.lineWidth = 1.4;
  context.strokeStyle = "#fffc";
  context.beginPath();
  context.arc(x, y, DOT_RADIUS_SCREEN + 4, 0, CIRCLE);
  context.stroke();
  context.restore();
}

function drawBox(context, view, { box, colour, dashed }) {
  const [x0, y0] = toScreen(view, [box[0], box[1]]);
  const [x1, y1] = toScreen(view, [box[2], box[3]]);
  context.save();
  for (const [style, width] of [["#000a", 3.5], [colour, 1.8]]) {
    if (style === colour && dashed) context.setLineDash([6, 4]);
    context.strokeStyle = style;
    context.lineWidth = width;
    context.strokeRect(x0, y0, x1 - x0, y1 - y0);
  }
  context.restore();
}

/** Corners that can be dragged. */
function drawHandles(context, view, [x0, y0, x1, y1]) {
  for (const corner of [[x0, y0], [x1, y0], [x0, y1], [x1, y1]]) {
    const [x, y] = toScreen(view, corner);
    context.fillStyle = "#fff";
    context.strokeStyle = "#000a";
    context.lineWidth = 1.4;
    context.fillRect(x - 3.5, y - 3.5, 7, 7);
    context.strokeRect(x - 3.5, y - 3.5, 7, 7);
  }
}

function drawKeypoint(context, view, { keypoint, colour, draft, state }) {
  const { keypoint_id, name, pending } = keypoint;
  const moved = draft?.keypoint_id === keypoint_id ? draft.at : [keypoint.x, keypoint.y];
  const [x, y] = toScreen(view, moved);
  const selected = state.annotations.keypoint_id === keypoint_id;
  context.save();
  context.translate(x, y);
  context.rotate(Math.PI / 4);
  const half = selected ? 5.5 : 4.5;
  for (const [style, width] of [["#000a", 4], ["#fff", selected ? 2.4 : 1.6]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.strokeRect(-half, -half, 2 * half, 2 * half);
  }
  context.fillStyle = keypoint.visible ? colour : "#000c"; // an occluded one is dark, a derived one hollow
  if (!keypoint.derived) context.fillRect(-half, -half, 2 * half, 2 * half);
  if (!keypoint.visible || keypoint.derived) {
    context.strokeStyle = colour;
    context.strokeRect(-half + 1, -half + 1, 2 * half - 2, 2 * half - 2);
  }
  context.restore();
  if (pending) ring(context, x, y);
  if (state.annotations.naming?.keypoint_id !== keypoint_id) drawName(context, x, y, name);
}

function drawName(context, x, y, name) {
  context.font = "500 12px Inter, system-ui, sans-serif";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = "#000b";
  context.strokeText(name, x + 11, y - 6);
  context.fillStyle = "#fff";
  context.fillText(name, x + 11, y - 6);
}
