/** One row per tool: what a press begins. A drag is {move, release, cancel}. */

import { keypointAt, pointAt } from "../core/hits.js";
import { clamped, onImage } from "../core/viewport.js";

const DRAG_SCREEN = 3; // CSS px before a press is a drag

/**
 * @typedef {{point: number[], at: number[], button: number, shift: boolean, ctrl: boolean}} Press
 *   point in source px, at in CSS px of the stage
 * @typedef {{move?: (press: Press) => void, release?: (press: Press) => void, cancel?: () => void}} Drag
 */

/** @param {{store: any, commands: any, stage: any}} deps @returns {Record<string, (press: Press) => Drag | null>} */
export function makeTools({ store, commands, stage }) {
  const image = () => store.state.video;
  const far = (a, b) => Math.hypot(a.at[0] - b.at[0], a.at[1] - b.at[1]) >= DRAG_SCREEN;

  /** Left does what the sign says, right (or Shift) the opposite; on a dot either removes it. */
  function click(press) {
    if (press.ctrl && press.button === 0) return box(press);
    if (!onImage(image(), press.point)) return null;
    const hit = pointAt(store.state, stage.view, press.at);
    if (hit >= 0) {
      commands.removePoint(hit);
      return null;
    }
    const { label } = store.state.view;
    const opposite = press.button === 2 || press.shift;
    commands.addPoint(press.point[0], press.point[1], opposite ? 1 - label : label);
    return null;
  }

  function box(press) {
    if (press.button !== 0) return null;
    const from = clamped(image(), press.point);
    const boxTo = (now) => {
      const to = clamped(image(), now.point);
      return [...[0, 1].map((i) => Math.min(from[i], to[i])), ...[0, 1].map((i) => Math.max(from[i], to[i]))];
    };
    return {
      move: (now) => stage.setDraft({ box: boxTo(now) }),
      release: (now) => {
        stage.setDraft(null);
        const made = boxTo(now);
        if (far(press, now) && made[2] > made[0] && made[3] > made[1]) commands.setBox(made);
      },
      cancel: () => stage.setDraft(null),
    };
  }

  function keypoint(press) {
    if (press.button !== 0) return null;
    const hit = keypointAt(store.state, stage.view, press.at);
    if (hit) return moveKeypoint(press, hit);
    if (onImage(image(), press.point)) commands.addKeypoint(press.point[0], press.point[1]);
    return null;
  }

  function moveKeypoint(press, { instance_id, keypoint: { keypoint_id, x, y } }) {
    commands.selectKeypoint(keypoint_id);
    const moved = (now) =>
      clamped(image(), [x + now.point[0] - press.point[0], y + now.point[1] - press.point[1]]);
    return {
      move: (now) => far(press, now) && stage.setDraft({ keypoint_id, at: moved(now) }),
      release: (now) => {
        if (far(press, now)) commands.moveKeypoint(keypoint_id, instance_id, ...moved(now));
        stage.setDraft(null);
      },
      cancel: () => stage.setDraft(null),
    };
  }

  return { click, box, keypoint };
}
