/** Draws a lane per pair: bars of masks, approvals above them, the model's confidence below, flags and prompts. */

import { framesIn } from "../../core/counts.js";
import { flaggedRuns } from "../../core/flags.js";
import { firstAt, maskSpans, runsInView } from "../../core/mask_spans.js";
import { LABEL_PX } from "../../core/timespan.js";
import { paintFlag } from "./flag_signs.js";
import { paintKeypoints } from "./keypoint_signs.js";
import { pairOfPerson } from "../../core/people.js";
import { paintPointer, paintRange } from "./ruler_layer.js";
import { changesOf, paintCurve, peaksOf } from "./curve.js";
import { hatched } from "./surface.js";

export const LANE_PX = 18;
const BAR = { top: 5, height: 8 };
const HUMAN = { top: 3, height: 11 }; // marks made by a person stand out
const APPROVED = { top: 1, height: 2 };
const CONFIDENCE = { top: 15, height: 2.5 };
const WAVE = { top: 11.5, height: 3.5, step: 2.5 }; // between bar and confidence
const DIAMOND_PX = 5; // half its width
const OVER_PX = 6;
const TICK_PX = 13; // room for a tick
const CONFIDENCE_COLOURS = { sure: "ok", fair: "fair", unsure: "unsure", absent: "bad" };

/** @param {CanvasRenderingContext2D} context @param {any} scene */
export function paintLanes(context, scene) {
  const { lanes, video, scale, colours, width, height, scrolled } = scene;
  context.font = "11.5px Inter, system-ui, sans-serif";
  context.textBaseline = "middle";
  const first = Math.floor(scrolled / LANE_PX);
  const last = Math.min(lanes.length, Math.ceil((scrolled + height) / LANE_PX));
  context.fillStyle = colours.active;
  const active = lanes.findIndex((lane) => lane.active);
  if (active >= 0) {
    context.fillRect(0, active * LANE_PX - scrolled, width, LANE_PX);
    context.strokeStyle = colours.activeEdge;
    context.lineWidth = 2;
    context.strokeRect(1, active * LANE_PX - scrolled + 1, width - 2, LANE_PX - 2);
  }
  paintRange(context, scene);
  for (let at = first; at < last; at += 1) paintLane(context, { ...scene, lane: lanes[at], top: at * LANE_PX - scrolled });
  if (video.state === "ready") return;
  inFrames(context, scene, () => {
    const from = scale.x(video.extracted);
    context.fillStyle = hatched(context, colours.line, "transparent");
    context.fillRect(from, 0, Math.max(0, scale.x(video.num_frames) - from), height);
  });
}

/** Draw inside the frames' area, not over the names; marks at the video's ends may reach out a little. */
function inFrames(context, { scale, height, video }, draw) {
  const left = scale.x(0) < LABEL_PX - 1 ? 0 : OVER_PX;
  const right = scale.x(video.num_frames) > LABEL_PX + scale.inner + 1 ? 0 : OVER_PX;
  context.save();
  context.beginPath();
  context.rect(LABEL_PX - left, 0, scale.inner + left + right, height);
  context.clip();
  draw();
  context.restore();
}

function paintLane(context, scene) {
  const { lane, top, colours, hovered, scale } = scene;
  const middle = BAR.top + BAR.height / 2;
  const meant = hovered.includes(lane.pair); // by the pointer over its mask
  context.fillStyle = lane.colour;
  if (meant) context.fillRect(4, top + 2, 3, LANE_PX - 4);
  context.fillRect(14, top + middle - 4, 8, 8);
  context.strokeStyle = colours.edge; // a pale colour shows on a light ground, too
  context.lineWidth = 1;
  context.strokeRect(14, top + middle - 4, 8, 8);
  context.fillStyle = lane.active || meant ? colours.text : colours.dim;
  context.fillText(lane.label, 29, top + middle + 0.5, LABEL_PX - 36);
  inFrames(context, scene, () => {
    context.translate(0, top);
    context.globalAlpha = lane.hidden ? 0.35 : 1;
    paintMasks(context, scene);
    paintBroken(context, scene);
    paintCurves(context, scene);
    paintMarks(context, scene);
    if (scene.keypoints[lane.pair]) paintKeypoints(context, { keypoints: scene.keypoints[lane.pair], lane, scale, colours });
    paintPeople(context, scene);
  });
}

function paintMasks(context, { lane, scale, colours, video }) {
  const { bars, gaps, seams, approved, rejected, confidence } = maskSpans(lane.masks);
  const middle = BAR.top + BAR.height / 2;
  context.fillStyle = colours.track;
  context.fillRect(scale.x(0), middle - 1, scale.x(video.num_frames) - scale.x(0), 2);
  for (const run of runsInView(bars, scale)) paintBar(context, { run, lane, scale, colours });
  for (const run of runsInView(gaps, scale)) paintGap(context, { ...ends(run, scale), middle, colour: colours.warn });
  for (const run of runsInView(seams, scale)) paintSeam(context, { x: scale.x(run.start), colours });
  for (const run of runsInView(confidence, scale)) {
    context.fillStyle = colours[CONFIDENCE_COLOURS[run.kind]];
    fill(context, ends(run, scale), CONFIDENCE);
  }
  for (const run of runsInView(approved, scale)) paintApproved(context, { ...ends(run, scale), colours });
  for (const run of runsInView(rejected, scale)) paintRejected(context, { ...ends(run, scale), colours });
}

/** Measure from the left edge of the first frame to the right edge of the last, never thinner than can be seen. */
function ends({ start, end }, scale) {
  const x = scale.x(start);
  return { x, wide: Math.max(1.5, scale.x(end + 1) - x) };
}

const fill = (context, { x, wide }, { top, height }) => context.fillRect(x, top, wide, height);

function paintBar(context, { run, lane, scale, colours }) {
  if (run.kind === "absent") return paintAbsent(context, { ...ends(run, scale), lane, colours });
  const { x, wide } = ends(run, scale);
  const { top, height } = run.kind === "human" ? HUMAN : BAR;
  const alpha = context.globalAlpha;
  if (!lane.active) context.globalAlpha = alpha * 0.72;
  context.strokeStyle = colours.edge;
  context.lineWidth = 0.75;
  context.fillStyle = run.kind === "stale" ? hatched(context, lane.colour, colours.track) : lane.colour;
  context.beginPath();
  context.roundRect(x, top, wide, height, Math.min(3, wide / 2));
  context.fill();
  if (wide > 3) context.stroke(); // pale shades on white, dark ones on black
  if (run.kind === "imported" && wide > 4) {
    context.fillStyle = colours.panel;
    context.fillRect(x + 1.5, top + 3, wide - 3, height - 6);
  }
  context.globalAlpha = alpha;
}

/** Draw where a person said that the object is not there: a hollow bar, struck through where there is room. */
function paintAbsent(context, { x, wide, lane, colours }) {
  const { top, height } = BAR;
  context.fillStyle = colours.panel;
  context.strokeStyle = lane.colour;
  context.lineWidth = 1.5;
  context.beginPath();
  context.rect(x + 0.75, top + 0.75, Math.max(0.5, wide - 1.5), height - 1.5);
  context.fill();
  context.stroke();
  if (wide < TICK_PX) return;
  context.beginPath();
  context.moveTo(x + 3, top + height / 2);
  context.lineTo(x + wide - 3, top + height / 2);
  context.stroke();
}

/** A gap is thin dashes where the bar should be. */
function paintGap(context, { x, wide, middle, colour }) {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x, middle);
  context.lineTo(x + wide, middle);
  context.stroke();
  context.setLineDash([]);
}

/** A seam between two runs is a notch in the bar. */
function paintSeam(context, { x, colours }) {
  context.fillStyle = colours.panel;
  context.fillRect(x - 1.5, BAR.top - 1, 3, BAR.height / 2 + 1);
  context.fillStyle = colours.text;
  context.fillRect(x - 0.5, BAR.top - 1, 1, BAR.height / 2 + 1);
}

function paintApproved(context, { x, wide, colours }) {
  context.fillStyle = colours.diamond;
  fill(context, { x, wide }, APPROVED);
  if (wide < TICK_PX) return;
  const at = Math.max(x, LABEL_PX) + 3.5;
  context.beginPath();
  context.moveTo(at, 8.5);
  context.lineTo(at + 2.5, 11);
  context.lineTo(at + 7, 5.5);
  strokeTwice(context, colours.diamondEdge, colours.diamond);
}

/** A line above the bar in the colour of what is wrong, and a cross. */
function paintRejected(context, { x, wide, colours }) {
  context.fillStyle = colours.bad;
  fill(context, { x, wide }, APPROVED);
  if (wide < TICK_PX) return;
  const at = Math.max(x, LABEL_PX) + 3.5;
  context.beginPath();
  context.moveTo(at, 5.5);
  context.lineTo(at + 6, 11.5);
  context.moveTo(at + 6, 5.5);
  context.lineTo(at, 11.5);
  strokeTwice(context, colours.diamondEdge, colours.bad);
}

/** A line that can be told from any bar. */
function strokeTwice(context, edge, colour) {
  context.strokeStyle = edge;
  context.lineWidth = 4;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = 1.8;
  context.stroke();
}

/** Draw where masks break a rule between regions: a wave below the bar. */
function paintBroken(context, { lane, broken, scale, colours }) {
  for (const run of runsInView(broken[lane.pair] ?? [], scale)) {
    const { x, wide } = ends(run, scale);
    context.beginPath();
    context.moveTo(x, WAVE.top);
    for (let at = 0, down = true; at < wide || at === 0; at += WAVE.step, down = !down) context.lineTo(x + Math.min(at + WAVE.step, Math.max(wide, WAVE.step)), down ? WAVE.top + WAVE.height : WAVE.top);
    strokeTwice(context, colours.diamondEdge, colours.bad);
  }
}

/** Draw how suspicious each mask is; while a run is compared, how much of each mask it changed. */
function paintCurves(context, { lane, ious, compared, curves, scale, colours }) {
  const values = compared === null ? peaksOf(curves[lane.pair]) : ious[lane.pair] && changesOf(ious[lane.pair]);
  if (values) paintCurve(context, { values, scale, edge: colours.diamondEdge, colour: colours.diamond });
}

function paintMarks(context, { lane, scale, colours }) {
  for (const run of flaggedRuns(lane.masks)) {
    if (run.end >= scale.first && run.start <= scale.last) paintFlag(context, { run, scale, colours, height: LANE_PX });
  }
  let reached = -Infinity;
  const prompted = framesIn(lane.prompts);
  const right = LABEL_PX + scale.inner + DIAMOND_PX;
  for (let at = firstAt(prompted, (frame) => scale.x(frame + 0.5) >= LABEL_PX - DIAMOND_PX); at < prompted.length; at += 1) {
    const x = scale.x(prompted[at] + 0.5);
    if (x > right) break;
    if (x - reached < 1) continue;
    reached = x;
    paintDiamond(context, { x, y: BAR.top + BAR.height / 2, colours });
  }
}

/** The frames that others have on screen while they work on this pair. */
function paintPeople(context, { lane, scale, colours, others }) {
  for (const person of others) {
    if (pairOfPerson(person) === lane.pair) paintPointer(context, { x: scale.x(person.frame_idx + 0.5), bottom: BAR.top + 2, colour: colours.ok });
  }
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
