/** The brush and the eraser: the painted pixels become the mask of the frame when the button is released. */

import { titleOf } from "../core/instance_names.js";
import { startPainting } from "../net/painting.js";

/** @import { Commands } from "../views/page_commands.js" */
/** @import { Store } from "../core/store.js" */

const ON_ITS_WAY = {
  level: "info",
  message: "The mask of this frame is still loading.",
  hint: "Try again in a moment.",
};

/**
 * A painting on the selected pair's mask of the frame on screen, or null with a word why not.
 * @param {{store: Store, commands: Commands, masks: any}} deps
 */
export function paintingFor({ store, commands, masks }) {
  const { state } = store;
  const instance = state.annotations.instances.find((listed) => listed.instance_id === state.annotations.instance_id);
  const region = state.annotations.regions.find((listed) => listed.name === state.annotations.region);
  const why = instance?.locked ? "locked" : instance?.hidden || region?.hidden ? "hidden" : null;
  if (why) {
    commands.showToast({ level: "info", message: `${titleOf(instance)}, ${region?.label} is ${why}.`, hint: WAYS[why] });
    return null;
  }
  if (state.view.masks_hidden) commands.hideMasks(false); // nobody paints what they cannot see
  const painting = startPainting(store.state, masks);
  if (!painting) commands.showToast(ON_ITS_WAY);
  return painting;
}

const WAYS = { locked: "Unlock it in the panel to change its masks.", hidden: "Show it in the panel first." };

/** @param {{store: Store, commands: Commands, stage: any, masks: any}} deps */
export function makeBrushTool(deps) {
  const { store, commands, stage } = deps;

  return (press) => {
    const painting = paintingFor(deps);
    if (!painting) return null;
    const { tool, brush_px } = store.state.view;
    const opposite = press.button === 2 || press.shift;
    const value = (tool === "brush") === opposite ? 0 : 1;
    let from = press.point;
    const strokeTo = (to) => {
      painting.stroke({ from, to, radius: brush_px / 2 }, value);
      from = to;
      stage.setDraft({ painting });
    };
    strokeTo(press.point);
    return {
      paints: true,
      move: ({ point }) => strokeTo(point),
      release: () => {
        if (painting.changed) commands.setMask(painting.finish());
        stage.setDraft(null);
      },
      cancel: () => stage.setDraft(null),
    };
  };
}
