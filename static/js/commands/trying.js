/** Shows, while the user wants it, the mask that a click at the pointer would lead to. */

import { currentPair, selectedFrame } from "../core/selectors.js";
import { getTried } from "../net/api.js";
import { decodeMask } from "../net/mask_pixels.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, getTriedMask?: typeof getTried}} deps */
export function tryingCommands({ store, getTriedMask = getTried }) {
  let wanted = null; // the newest place, if it is still to be asked for
  let asking = false;

  /** A click here. @param {{x: number, y: number, label: number} | null} click null: the pointer left the picture */
  function tryClick(click) {
    wanted = store.state.view.trying ? click : null;
    if (!wanted) return forget();
    if (!asking) ask();
  }

  /** Ask for the mask of the newest click, one request at a time. */
  async function ask() {
    asking = true;
    while (wanted) {
      const here = selectedFrame(store.state);
      const click = wanted;
      wanted = null;
      if (!here || store.state.view.tool !== "click") continue;
      const pair = currentPair(store.state);
      const png = await getTriedMask({ ...here.key, frame_idx: here.frame_idx }, click).catch(() => null); // not encoded yet, or offline
      if (png && store.state.view.trying) store.dispatch({ type: "click_tried", tried: { pair, frame_idx: here.frame_idx, pixels: decodeMask(await png.arrayBuffer(), null) } });
    }
    asking = false;
  }

  function forget() {
    if (store.state.view.tried) store.dispatch({ type: "click_tried", tried: null });
  }

  /** Show it from now on, or no longer. */
  function toggleTrying() {
    store.dispatch({ type: "trying_changed", trying: !store.state.view.trying });
    if (!store.state.view.trying) tryClick(null);
  }

  store.watch(({ annotations, playback, view }) => [currentPair(store.state), playback.drawn_idx, view.tool, annotations.ops.at(-1)?.seq], forget);
  return { tryClick, toggleTrying };
}
