/** Finds the point, box side or keypoint under the pointer, and names the effect of a click there. */

import { keypointsHere, promptHere } from "./selectors.js";
import { onImage, toImage, toScreen } from "./viewport.js";

/** @import { State } from "./state.js" */

const HIT_SCREEN = 7; // CSS px: the dot itself, so that a close second click still adds
const LEAST_HIT_SCREEN = 3; // zoomed out, where a dot covers many pixels of the frame, only its middle is hit
const EDGE_SCREEN = 6; // CSS px beside a box's edge

const far = (view, at_screen, place) => {
  const [sx, sy] = toScreen(view, place);
  return Math.hypot(sx - at_screen[0], sy - at_screen[1]);
};

const near = (view, at_screen, { x, y }, reach = HIT_SCREEN) => far(view, at_screen, [x, y]) <= reach;

/** Return how close to a dot a click hits it: the more is in view, the closer. @param {{scale: number}} view */
const dotReach = ({ scale }) => Math.min(HIT_SCREEN, Math.max(LEAST_HIT_SCREEN, HIT_SCREEN * scale));

/** Place in promptHere of the point under the pointer, or -1. @param {State} state @param {any} view @param {number[]} at_screen */
export const pointAt = (state, view, at_screen) =>
  promptHere(state).points.findLastIndex((point) => near(view, at_screen, point, dotReach(view)));

/** The keypoint under the pointer: {instance_id, colour, keypoint}. @param {State} state @param {any} view @param {number[]} at_screen */
export const keypointAt = (state, view, at_screen) =>
  keypointsHere(state).findLast(({ keypoint }) => near(view, at_screen, keypoint));

/**
 * Find the sides of the frame's box under the pointer, as places in [x0, y0, x1, y1]: one, or two at a
 * corner; none: it is on no side.
 * @param {State} state @param {any} view @param {number[]} at_screen @returns {number[]}
 */
export function boxSidesAt(state, view, at_screen) {
  const { box } = promptHere(state);
  if (!box) return [];
  const [x0, y0] = toScreen(view, [box[0], box[1]]);
  const [x1, y1] = toScreen(view, [box[2], box[3]]);
  const edges = [x0, y0, x1, y1];
  const beside = at_screen[0] < x0 - EDGE_SCREEN || at_screen[0] > x1 + EDGE_SCREEN || at_screen[1] < y0 - EDGE_SCREEN || at_screen[1] > y1 + EDGE_SCREEN;
  if (beside) return [];
  const [across, down] = [0, 1].map((axis) => nearest(edges, axis, at_screen[axis]));
  return [...across, ...down];
}

/** The nearer of a box's two sides of one axis, if it is near. */
function nearest(edges, axis, at) {
  const [low, high] = [axis, axis + 2].map((side) => ({ side, far: Math.abs(edges[side] - at) }));
  const { side, far: distance } = low.far < high.far ? low : high;
  return distance <= EDGE_SCREEN ? [side] : [];
}

/** Tell if a click there closes the polygon: on its first corner, or again on its last. @param {any} view @param {number[]} at_screen @param {number[][]} corners in source px */
export const closesPolygon = (view, at_screen, corners) =>
  corners.length >= 3 && [corners[0], corners.at(-1)].some((corner) => far(view, at_screen, corner) <= HIT_SCREEN);

const BOX_RESIZE = { 0: "resize-x", 2: "resize-x", 1: "resize-y", 3: "resize-y" };

function boxDoes(state, view, at) {
  const sides = boxSidesAt(state, view, at);
  if (sides.length === 2) return sides[0] === 0 === (sides[1] === 1) ? "resize-nwse" : "resize-nesw";
  return sides.length ? BOX_RESIZE[sides[0]] : "box";
}

/**
 * Name what a left press would do: "add", "subtract", "remove", "box", "resize-…", "paint", "erase", "corner",
 * "close", "name", "move", "pick"; null beside the frame.
 * @param {State} state @param {any} view
 * @param {{at: number[], shift?: boolean, ctrl?: boolean, alt?: boolean, fresh?: boolean, corners?: number[][]}} pointer
 *   fresh: the dot there was just made
 */
export function clickDoes(state, view, { at, shift = false, ctrl, alt, fresh, corners = [] }) {
  const video = state.video.open;
  const { drawn_idx } = state.playback;
  const { hovered } = state.view;
  if (!video || drawn_idx === null) return null;
  const { tool, label } = state.view;
  if (tool === "polygon" && closesPolygon(view, at, corners)) return "close";
  if (!onImage(video, toImage(view, at))) return null;
  if (alt) return hovered.length ? "pick" : null;
  if (tool === "polygon") return "corner";
  if (tool === "brush" || tool === "eraser") return (tool === "brush") === shift ? "erase" : "paint";
  if (tool === "keypoint") return keypointAt(state, view, at) ? "move" : "name";
  if (tool === "box") return boxDoes(state, view, at);
  if (ctrl) return "box";
  if (!fresh && pointAt(state, view, at) >= 0) return "remove";
  return (shift ? 1 - label : label) ? "add" : "subtract";
}
