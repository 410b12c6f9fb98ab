/** Draws the keypoints of an instance on its lane: small diamonds, filled where a person placed them, hollow where they were carried. */

import { keypointMarks } from "../../core/keypoint_marks.js";
import { LABEL_PX } from "../../core/timespan.js";

const MIDDLE = 15; // below the bar
const HALF = 2.6; // px of a diamond
const APART = 9; // px; where frames lie closer, carried keypoints are a hollow bar

/** @param {CanvasRenderingContext2D} context moved to the top of the lane @param {any} scene */
export function paintKeypoints(context, { keypoints, lane, scale, colours }) {
  const { placed, derived } = keypointMarks(keypoints);
  const wide = scale.x(1) - scale.x(0);
  context.lineWidth = 1.1;
  for (const { start, end } of derived) {
    if (end < scale.first || start > scale.last) continue;
    if (wide < APART) paintBar(context, { x: scale.x(start), end: scale.x(end + 1), lane, colours });
    else for (let frame = Math.max(start, Math.floor(scale.first)); frame <= Math.min(end, scale.last); frame += 1) paintDiamond(context, { x: scale.x(frame + 0.5), fill: colours.panel, line: lane.colour });
  }
  for (const frame of placed) {
    const x = scale.x(frame + 0.5);
    if (x > LABEL_PX - HALF && x < LABEL_PX + scale.inner + HALF) paintDiamond(context, { x, fill: lane.colour, line: colours.text });
  }
}

function paintBar(context, { x, end, lane, colours }) {
  context.fillStyle = colours.panel;
  context.strokeStyle = lane.colour;
  context.beginPath();
  context.rect(x + 0.5, MIDDLE - 1.5, Math.max(1, end - x - 1), 3);
  context.fill();
  context.stroke();
}

function paintDiamond(context, { x, fill, line }) {
  context.beginPath();
  context.moveTo(x, MIDDLE - HALF);
  context.lineTo(x + HALF, MIDDLE);
  context.lineTo(x, MIDDLE + HALF);
  context.lineTo(x - HALF, MIDDLE);
  context.closePath();
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = line;
  context.stroke();
}
