/** The polygon: a corner per click; closed, its inside is added to the mask or cut out of it. */

import { closesPolygon } from "../core/hits.js";
import { clamped } from "../core/viewport.js";
import { paintingFor } from "./brush_tool.js";

/** @import { Commands } from "../views/page_commands.js" */
/** @import { Store } from "../core/store.js" */

const LEAST = 3; // corners

/** @param {{store: Store, commands: Commands, stage: any, masks: any}} deps */
export function makePolygonTool(deps) {
  const { store, commands, stage } = deps;
  let corners = [];
  let pointer = null; // the next corner would be here

  const show = () =>
    stage.setDraft(corners.length ? { polygon: { corners, pointer, adds: store.state.view.label === 1 } } : null);

  /** Left sets a corner, or closes; right takes the last one back. */
  function press(pressed) {
    if (pressed.button === 2) back();
    else if (closesPolygon(stage.view, pressed.at, corners)) close(pressed.shift);
    else {
      corners = [...corners, clamped(store.state.video.open, pressed.point)];
      show();
    }
    return null;
  }

  function close(opposite = false) {
    const painting = paintingFor(deps);
    const { label } = store.state.view;
    if (painting) {
      painting.fill(corners, opposite ? 1 - label : label);
      if (painting.changed) commands.setMask(painting.finish());
    }
    cancel();
  }

  /** The side that follows the pointer. */
  function hover(pressed) {
    pointer = pressed.point;
    if (corners.length) show();
  }

  /** @returns {boolean} whether there was one to close */
  function finish() {
    if (corners.length < LEAST) return false;
    close();
    return true;
  }

  /** @returns {boolean} whether there was a corner to take back */
  function back() {
    if (!corners.length) return false;
    corners = corners.slice(0, -1);
    show();
    return true;
  }

  /** @returns {boolean} whether there was anything to drop */
  function cancel() {
    const any = corners.length > 0;
    corners = [];
    if (any) stage.setDraft(null);
    return any;
  }

  return { press, hover, finish, back, cancel };
}
