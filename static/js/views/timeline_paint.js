/** How the timeline's canvases look. */

import { flaggedRuns } from "../core/flags.js";
import { maskRuns, rulerStep } from "../core/lanes.js";

export const LABEL_PX = 128;
export const LANE_PX = 18;
export const RULER_PX = 20;
const RIGHT_PX = 14;
const BAR_PX = 9;
const DIAMOND_PX = 5; // half its width
const FOOT_PX = 3;

/** Where frames lie across the timeline: x of the left edge of a frame. */
export function scaleOf(num_frames, width) {
  const inner = Math.max(1, width - LABEL_PX - RIGHT_PX);
  const frames = Math.max(1, num_frames);
  return {
    inner,
    x: (frame_idx) => LABEL_PX + (frame_idx / frames) * inner,
    frameAt: (x) => Math.min(frames - 1, Math.max(0, Math.floor(((x - LABEL_PX) / inner) * frames))),
  };
}

/** @param {CanvasRenderingContext2D} context @param {any} scene */
export function paintRuler(context, { video, scale, colours, height, others }) {
  const step = rulerStep(video.num_frames, scale.inner);
  context.font = "11px Inter, system-ui, sans-serif";
  context.textBaseline = "middle";
  for (let frame_idx = 0; frame_idx < video.num_frames; frame_idx += step) {
    const x = Math.round(scale.x(frame_idx)) + 0.5;
    context.fillStyle = colours.line;
    context.fillRect(x, height - 5, 1, 5);
    context.fillStyle = colours.faint;
    if (x < LABEL_PX + scale.inner - 24) context.fillText(String(frame_idx), x + 4, height / 2);
  }
  for (const frame_idx of others) paintPerson(context, scale.x(frame_idx + 0.5), height, colours.ok);
}

/** Another person's place: below the handle of one's own. */
function paintPerson(context, x, height, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x - 4.5, height - 8);
  context.lineTo(x + 4.5, height - 8);
  context.lineTo(x, height - 1);
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {any} scene */
export function paintLanes(context, { lanes, video, scale, colours, width }) {
  context.font = "11.5px Inter, system-ui, sans-serif";
  context.textBaseline = "middle";
  lanes.forEach((lane, at) => paintLane(context, { lane, top: at * LANE_PX, scale, colours, width }));
  if (video.state !== "ready") {
    const from = scale.x(video.extracted);
    const hatch = hatched(context, colours.line, "transparent");
    context.fillStyle = hatch;
    context.fillRect(from, 0, scale.x(video.num_frames) - from, lanes.length * LANE_PX);
  }
}

function paintLane(context, { lane, top, scale, colours, width }) {
  const middle = top + LANE_PX / 2;
  if (lane.active) {
    context.fillStyle = colours.active;
    context.fillRect(0, top, width, LANE_PX);
  }
  context.fillStyle = lane.colour;
  context.fillRect(14, middle - 4, 8, 8);
  context.fillStyle = lane.active ? colours.text : colours.dim;
  context.fillText(lane.label, 29, middle + 0.5, LABEL_PX - 36);
  context.fillStyle = colours.track;
  context.fillRect(scale.x(0), middle - 1, scale.inner, 2);
  context.globalAlpha = lane.hidden ? 0.35 : 1;
  for (const run of maskRuns(lane.masks)) paintRun(context, { run, lane, middle, scale, colours });
  for (const run of flaggedRuns(lane.masks)) FLAGS[run.flag]?.(context, { run, top, scale, colours });
  for (const name of Object.keys(lane.prompts)) {
    paintDiamond(context, { x: scale.x(Number(name) + 0.5), y: middle, colours });
  }
  context.globalAlpha = 1;
}

function paintRun(context, { run, lane, middle, scale, colours }) {
  const x = scale.x(run.start);
  const width = Math.max(1.5, scale.x(run.end + 1) - x);
  const stale = run.kind === "stale";
  context.save();
  if (!lane.active) context.globalAlpha *= 0.72;
  context.fillStyle = stale ? hatched(context, lane.colour, colours.track) : lane.colour;
  context.beginPath();
  context.roundRect(x, middle - BAR_PX / 2, width, BAR_PX, Math.min(3, width / 2));
  context.fill();
  context.restore();
}

/** A line along the foot of the lane, and a sign of its own where it begins. */
const FLAGS = {
  lost: (context, { run, top, scale, colours }) => {
    paintFoot(context, { run, top, scale, colour: colours.bad });
    context.beginPath();
    context.arc(scale.x(run.start + 0.5), top + LANE_PX / 2, 3.5, 0, 2 * Math.PI);
    paintSign(context, { ground: colours.track, edge: colours.bad });
  },
  swallow: (context, { run, top, scale, colours }) => {
    paintFoot(context, { run, top, scale, colour: colours.bad });
    const x = scale.x(run.start + 0.5);
    context.beginPath();
    context.moveTo(x, top + 3);
    context.lineTo(x + 5, top + 13);
    context.lineTo(x - 5, top + 13);
    context.closePath();
    paintSign(context, { ground: colours.bad, edge: colours.diamondEdge });
  },
  scene_cut: (context, { run, top, scale, colours }) => {
    context.fillStyle = colours.diamondEdge;
    context.fillRect(scale.x(run.start) - 2, top, 4, LANE_PX);
    context.fillStyle = colours.text;
    context.fillRect(scale.x(run.start) - 1, top, 2, LANE_PX);
  },
};

function paintFoot(context, { run, top, scale, colour }) {
  const x = scale.x(run.start);
  context.fillStyle = colour;
  context.fillRect(x, top + LANE_PX - FOOT_PX, Math.max(2, scale.x(run.end + 1) - x), FOOT_PX);
}

function paintSign(context, { ground, edge }) {
  context.fillStyle = ground;
  context.fill();
  context.lineWidth = 1.6;
  context.strokeStyle = edge;
  context.stroke();
}

function paintDiamond(context, { x, y, colours }) {
  context.beginPath();
  context.moveTo(x, y - DIAMOND_PX);
  context.lineTo(x + DIAMOND_PX, y);
  context.lineTo(x, y + DIAMOND_PX);
  context.lineTo(x - DIAMOND_PX, y);
  context.closePath();
  context.fillStyle = colours.diamond;
  context.fill();
  context.lineWidth = 1.2;
  context.strokeStyle = colours.diamondEdge;
  context.stroke();
}

/** Slanted lines of one colour on another. */
function hatched(context, colour, ground) {
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
  return context.createPattern(tile, "repeat");
}
