/** Draws the whole video in a line: the part shown, the range, the selected pair's masks and its flags. The frame on screen is an element over it. */

import { flaggedRuns } from "../../core/flags.js";
import { maskSpans, runsInView } from "../../core/mask_spans.js";
import { LABEL_PX, scaleOf } from "../../core/timespan.js";
import { paintRange } from "./ruler_layer.js";

export const MINIMAP_PX = 12;
const BAR = { top: 4, height: 4 };
const LEAST_PX = 8; // of the window

/** @param {CanvasRenderingContext2D} context @param {any} scene */
export function paintMinimap(context, { video, width, lanes, span, range, colours }) {
  const scale = scaleOf(null, video.num_frames, width);
  context.fillStyle = colours.track;
  context.fillRect(LABEL_PX, BAR.top, scale.inner, BAR.height);
  const lane = lanes.find((shown) => shown.active);
  if (lane) paintLane(context, lane, scale, colours);
  paintRange(context, { range, video, scale, colours, height: MINIMAP_PX });
  if (span) paintWindow(context, span, scale, colours);
}

function paintLane(context, lane, scale, colours) {
  context.globalAlpha = 0.6;
  context.fillStyle = lane.colour;
  for (const { start, end } of runsInView(maskSpans(lane.masks).bars, scale)) {
    context.fillRect(scale.x(start), BAR.top, Math.max(1, (end + 1 - start) * scale.px), BAR.height);
  }
  context.globalAlpha = 1;
  context.fillStyle = colours.bad;
  for (const { start, end } of runsInView(flaggedRuns(lane.masks), scale)) {
    context.fillRect(scale.x(start), BAR.top + BAR.height, Math.max(2, (end + 1 - start) * scale.px), 2);
  }
}

function paintWindow(context, { from, frames }, scale, colours) {
  const wide = Math.max(LEAST_PX, frames * scale.px);
  const x = Math.min(scale.x(from), LABEL_PX + scale.inner - wide);
  context.fillStyle = colours.text;
  context.globalAlpha = 0.14;
  context.fillRect(x, 0, wide, MINIMAP_PX);
  context.globalAlpha = 1;
  context.strokeStyle = colours.dim;
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(x + 0.75, 0.75, wide - 1.5, MINIMAP_PX - 1.5, 3);
  context.stroke();
}
