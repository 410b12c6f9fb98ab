/** Draws a value per frame over a lane: high where a person should look. */

import { firstAt } from "../../core/mask_spans.js";

const CURVE = { top: 2, height: 12 };
const LEAST = 0.1;
const NONE = [];
const KNOWN = new WeakMap();

/** @typedef {[number, number]} Value  frame_idx and 0 to 1 */

/** Return how much of each mask a run changed, 1 - IoU, by frame. @param {Record<number, number>} ious @returns {Value[]} */
export function changesOf(ious) {
  if (!KNOWN.has(ious)) KNOWN.set(ious, Object.entries(ious).map(([frame, iou]) => [Number(frame), 1 - iou]));
  return KNOWN.get(ious);
}

/** Values that are worth a line, with those beside them: a flat lane has none. @param {Value[] | undefined} curve @returns {Value[]} */
export function peaksOf(curve = NONE) {
  if (!KNOWN.has(curve)) KNOWN.set(curve, curve.filter((_, at) => curve.slice(Math.max(0, at - 1), at + 2).some(([, value]) => value >= LEAST)));
  return KNOWN.get(curve);
}

/** @param {CanvasRenderingContext2D} context at the top of the lane @param {{values: Value[], scale: any, edge: string, colour: string}} curve values by frame */
export function paintCurve(context, { values, scale, edge, colour }) {
  context.beginPath();
  const step = Math.max(1, Math.ceil(1 / scale.px)); // frames from one pixel to the next
  let before = -Infinity;
  for (const { frame, x, value } of columns(values, scale)) {
    const y = CURVE.top + CURVE.height * (1 - Math.min(1, value));
    if (frame - before > step) context.moveTo(x - 1, y);
    context.lineTo(x, y);
    before = frame;
  }
  for (const line of [{ style: edge, px: 3.2 }, { style: colour, px: 1.5 }]) {
    context.strokeStyle = line.style;
    context.lineWidth = line.px;
    context.stroke();
  }
}

/** The highest value of the frames that share a pixel, of those in view. @param {Value[]} values @param {any} scale */
function columns(values, scale) {
  const found = [];
  for (let at = firstAt(values, ([frame]) => frame >= scale.first - 1); at < values.length && values[at][0] <= scale.last + 1; at += 1) {
    const [frame, value] = values[at];
    const x = Math.round(scale.x(frame + 0.5));
    const last = found.at(-1);
    if (last?.x === x) Object.assign(last, { frame, value: Math.max(last.value, value) });
    else found.push({ frame, x, value });
  }
  return found;
}
