/** What lies under the pointer, and what a click there would do. */

import { keypointsHere, promptHere } from "./selectors.js";
import { onImage, toImage, toScreen } from "./viewport.js";

const HIT_SCREEN = 7; // CSS px: the dot itself, so that a close second click still adds

function near(view, at_screen, { x, y }) {
  const [sx, sy] = toScreen(view, [x, y]);
  return Math.hypot(sx - at_screen[0], sy - at_screen[1]) <= HIT_SCREEN;
}

/** Place in promptHere of the point under the pointer, or -1. @param {any} state @param {any} view @param {number[]} at_screen */
export const pointAt = (state, view, at_screen) =>
  promptHere(state).points.findLastIndex((point) => near(view, at_screen, point));

/** The keypoint under the pointer: {instance_id, colour, keypoint}. @param {any} state @param {any} view @param {number[]} at_screen */
export const keypointAt = (state, view, at_screen) =>
  keypointsHere(state).findLast(({ keypoint }) => near(view, at_screen, keypoint));

/**
 * What a left press would do: "add", "subtract", "remove", "box", "name", "move"; null beside the frame.
 * @param {any} state @param {any} view @param {{at: number[], shift?: boolean, ctrl?: boolean}} pointer
 */
export function clickDoes(state, view, { at, shift, ctrl }) {
  const { video, drawn_idx } = state;
  if (!video || drawn_idx === null || !onImage(video, toImage(view, at))) return null;
  const { tool, label } = state.view;
  if (tool === "keypoint") return keypointAt(state, view, at) ? "move" : "name";
  if (tool === "box" || ctrl) return "box";
  if (pointAt(state, view, at) >= 0) return "remove";
  return (shift ? 1 - label : label) ? "add" : "subtract";
}
