/** The tools: each begins a drag {move, release, cancel} when the stage is pressed. */

import { FreshDot } from "../core/fresh_dot.js";
import { keypointAt, pointAt } from "../core/hits.js";
import { promptHere } from "../core/selectors.js";
import { clamped, onImage } from "../core/viewport.js";
import { makeBoxTool } from "./box_tool.js";
import { makeBrushTool } from "./brush_tool.js";
import { isFar } from "./drags.js";
import { makePolygonTool } from "./polygon_tool.js";

/** @import { Commands } from "../views/page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @typedef {import("./drags.js").Press} Press */
/** @typedef {import("./drags.js").Drag} Drag */

/**
 * @param {{store: Store, commands: Commands, stage: any, masks: any}} deps
 * @returns {{tools: Record<string, (press: Press) => Drag | null>, polygon: any, grabs: (press: Press) => boolean, fresh: FreshDot}}
 *   grabs: whether a drag from there is one of the tool's
 */
export function makeTools(deps) {
  const { store, commands, stage } = deps;
  const image = () => store.state.video.open;
  const box = makeBoxTool(deps);
  const brush = makeBrushTool(deps);
  const polygon = makePolygonTool(deps);
  const fresh = new FreshDot();

  /**
   * Left does what the sign says, right (or Shift) the opposite. A dot is moved by a drag, removed by a click; a click
   * on one that was just made adds another. Ctrl draws a box, or by a click adds on any dot.
   */
  function click(press) {
    if (press.ctrl && press.button === 0) return box.draw(press, () => add(press));
    const is_fresh = fresh.isNear(press.at, press.ms);
    const hit = pointAt(store.state, stage.view, press.at);
    if (hit < 0) return add(press);
    return dot(press, hit, () => (is_fresh ? add(press) : commands.removePoint(hit)));
  }

  function add(press) {
    if (!onImage(image(), press.point)) return null;
    const { label } = store.state.view;
    const opposite = press.button === 2 || press.shift;
    commands.addPoint(press.point[0], press.point[1], opposite ? 1 - label : label);
    fresh.made(press.at, press.ms);
    return null;
  }

  function dot(press, point_idx, click_on) {
    const { x, y } = promptHere(store.state).points[point_idx];
    const moved = (now) =>
      clamped(image(), [x + now.point[0] - press.point[0], y + now.point[1] - press.point[1]]);
    const isThere = () => {
      const now = promptHere(store.state).points[point_idx]; // others may have changed the list
      return now?.x === x && now?.y === y;
    };
    return {
      move: (now) => isFar(press, now) && stage.setDraft({ point_idx, at: moved(now) }),
      release: (now) => {
        stage.setDraft(null);
        if (!isThere()) return;
        if (!isFar(press, now)) click_on();
        else if (press.button === 0) commands.movePoint(point_idx, ...moved(now));
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
      move: (now) => isFar(press, now) && stage.setDraft({ keypoint_id, at: moved(now) }),
      release: (now) => {
        if (isFar(press, now)) commands.moveKeypoint(keypoint_id, instance_id, ...moved(now));
        stage.setDraft(null);
      },
      cancel: () => stage.setDraft(null),
    };
  }

  function grabs({ at }) {
    const { tool } = store.state.view;
    if (tool === "click") return pointAt(store.state, stage.view, at) >= 0;
    if (tool === "keypoint") return Boolean(keypointAt(store.state, stage.view, at));
    return tool !== "polygon";
  }

  const tools = { click, box: box.press, brush, eraser: brush, polygon: polygon.press, keypoint };
  return { tools, polygon, grabs, fresh };
}
