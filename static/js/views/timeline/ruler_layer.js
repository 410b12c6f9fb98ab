/** Draws the ruler: numbers, the marked range, other people; and the range on other layers. */

import { rulerStep } from "../../core/ruler.js";
import { extentOf, isSet } from "../../core/range.js";
import { LABEL_PX } from "../../core/timespan.js";

export const RULER_PX = 20;
const BRACKET_PX = 5;
const CUT_DASH_PX = 6;
const LONGEST_NAME = 12; // characters

/** @param {CanvasRenderingContext2D} context @param {any} scene */
export function paintRuler(context, { video, scale, colours, others, range, cuts }) {
  paintRange(context, { range, video, scale, colours, height: RULER_PX });
  const step = rulerStep(scale.last - scale.first + 1, scale.inner);
  context.font = "11px Inter, system-ui, sans-serif";
  context.textBaseline = "middle";
  for (let frame_idx = Math.ceil(scale.first / step) * step; frame_idx <= scale.last; frame_idx += step) {
    const x = Math.round(scale.x(frame_idx)) + 0.5;
    if (x < LABEL_PX) continue;
    context.fillStyle = colours.line;
    context.fillRect(x, RULER_PX - 5, 1, 5);
    context.fillStyle = colours.dim;
    if (x < LABEL_PX + scale.inner - 24) context.fillText(String(frame_idx), x + 4, RULER_PX / 2);
  }
  for (const frame_idx of cuts) paintCut(context, { x: scale.x(frame_idx), scale, colours });
  for (const person of others) {
    const x = scale.x(person.frame_idx + 0.5);
    if (x >= LABEL_PX && x <= LABEL_PX + scale.inner) paintPerson(context, { x, person, colours, right: LABEL_PX + scale.inner });
  }
  if (isSet(range)) paintBrackets(context, { range, scale, colours });
}

/** The marked frames, on a tint that lets through what lies on it. @param {CanvasRenderingContext2D} context @param {any} scene */
export function paintRange(context, { range, video, scale, colours, height }) {
  if (!isSet(range)) return;
  const [left, right] = edges(range, video, scale);
  if (right <= left) return;
  context.globalAlpha = 0.16;
  context.fillStyle = colours.accent;
  context.fillRect(left, 0, right - left, height);
  context.globalAlpha = 1;
}

function edges(range, video, scale) {
  const { first, last } = extentOf(range, video.num_frames);
  const right = LABEL_PX + scale.inner;
  return [Math.max(LABEL_PX, scale.x(first)), Math.min(right, scale.x(last + 1))];
}

function paintBrackets(context, { range, scale, colours }) {
  context.strokeStyle = colours.accent;
  context.lineWidth = 2;
  for (const [frame, way] of [[range.start, 1], [range.end === null ? null : range.end + 1, -1]]) {
    if (frame === null) continue;
    const x = scale.x(frame) + way;
    if (x < LABEL_PX || x > LABEL_PX + scale.inner + 2) continue;
    context.beginPath();
    context.moveTo(x + way * BRACKET_PX, 2);
    context.lineTo(x, 2);
    context.lineTo(x, RULER_PX - 1);
    context.lineTo(x + way * BRACKET_PX, RULER_PX - 1);
    context.stroke();
  }
}

/** A frame before which the video is to be cut: a broken line. */
function paintCut(context, { x, scale, colours }) {
  if (x < LABEL_PX || x > LABEL_PX + scale.inner) return;
  context.fillStyle = colours.warn;
  for (let top = 0; top < RULER_PX; top += CUT_DASH_PX) context.fillRect(Math.round(x) - 1, top, 2, CUT_DASH_PX - 2);
}

/** Another person's place with their name, below the handle of one's own. */
function paintPerson(context, { x, person, colours, right }) {
  paintPointer(context, { x, bottom: RULER_PX - 1, colour: colours.ok });
  if (!person.name) return;
  context.font = "600 10px Inter, system-ui, sans-serif";
  const name = shortened(person.name);
  const wide = context.measureText(name).width + 8;
  const left = x + 6 + wide > right ? x - 6 - wide : x + 6;
  context.fillStyle = colours.ok;
  context.beginPath();
  context.roundRect(left, 3, wide, 14, 3);
  context.fill();
  context.fillStyle = colours.panel;
  context.fillText(name, left + 4, 10.5);
}

const shortened = (name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);

/** A triangle that points down. @param {CanvasRenderingContext2D} context @param {{x: number, bottom: number, colour: string}} at */
export function paintPointer(context, { x, bottom, colour }) {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x - 4.5, bottom - 7);
  context.lineTo(x + 4.5, bottom - 7);
  context.lineTo(x, bottom);
  context.fill();
}
