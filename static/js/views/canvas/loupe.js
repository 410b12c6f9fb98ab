/** A loupe around the pointer: the frame and its keypoints, magnified, with the pixel that a click names in the middle. */

import { keypointsHere } from "../../core/selectors.js";
import { across, toImage } from "../../core/viewport.js";

const RADIUS = 64; // CSS px
const TIMES = 4; // larger than the frame on the stage
const LEAST_SCALE = 4; // CSS px per source px
const GAP = 5; // CSS px left free around the middle
const FULL_CIRCLE = 2 * Math.PI;

/** @param {CanvasRenderingContext2D} context in CSS px @param {any} scene */
export function drawLoupe(context, { state, view, frames, pointer, draft }) {
  const bitmap = frames.get(state.video.open.video_id, state.playback.drawn_idx);
  if (!bitmap) return;
  const { width, height } = state.video.open;
  const [x, y] = pointer.at;
  const middle = toImage(view, pointer.at);
  const scale = Math.max(view.scale * TIMES, LEAST_SCALE);
  const wide = across({ ...view, scale });
  /** @returns {[number, number]} */
  const onLoupe = ([px, py]) => [x + (px - middle[0]) * wide, y + (py - middle[1]) * scale];
  context.save();
  context.beginPath();
  context.arc(x, y, RADIUS, 0, FULL_CIRCLE);
  context.clip();
  context.fillStyle = "#0a0c10";
  context.fill();
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmap, ...onLoupe([0, 0]), width * wide, height * scale);
  for (const { keypoint } of keypointsHere(state)) {
    if (draft?.keypoint_id !== keypoint.keypoint_id) drawDot(context, onLoupe([keypoint.x, keypoint.y]));
  }
  context.restore();
  drawFrame(context, [x, y]);
}

/** Named points that are there, so that none is set twice. */
function drawDot(context, [x, y]) {
  for (const [style, width] of [["#000a", 4], ["#fff", 1.6]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, 5, 0, FULL_CIRCLE);
    context.stroke();
  }
}

/** The rim, and a cross that leaves the middle free. */
function drawFrame(context, [x, y]) {
  for (const [style, width] of [["#000b", 3], ["#fffd", 1.2]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, RADIUS, 0, FULL_CIRCLE);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + dx * GAP, y + dy * GAP);
      context.lineTo(x + dx * RADIUS * 0.4, y + dy * RADIUS * 0.4);
    }
    context.stroke();
  }
}
