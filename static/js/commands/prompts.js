/** Clicks, boxes and painted masks on the frame on screen. */

import { currentPair, promptHere, selectedFrame } from "../core/selectors.js";
import { toBase64 } from "../core/mask_png.js";

/** @import { Store } from "../core/store.js" */

const MOST_BYTES = 240_000; // of a painted mask: what one message to the server holds
const TOO_RAGGED = {
  level: "error",
  message: "This mask has too many small parts to be sent.",
  hint: "Paint with a larger brush, or upload the mask over REST.",
};

/** A hundredth of a pixel is finer than any hand. @param {number} value */
const rounded = (value) => Math.round(value * 100) / 100;

/**
 * @param {{store: Store, ops: any, toast: Function, ensureInstance: () => Promise<boolean>,
 *   showPainted: (frame: any, seq: number, pixels: any) => void, startPainting: () => import("../net/painting.js").Painting | null}} deps
 *   startPainting: from the mask on screen; null while its pixels are not here
 */
export function promptCommands({ store, ops, toast, ensureInstance, showPainted, startPainting }) {
  /** The selected pair and frame; the first click makes the first instance. */
  async function ensuredFrame() {
    const before = store.state.playback.drawn_idx;
    if (store.state.annotations.instance_id === null && !(await ensureInstance())) return null;
    const here = selectedFrame(store.state);
    return here && before !== null ? { ...here, frame_idx: before } : null;
  }

  /** @param {number} x @param {number} y in source pixels @param {number} label 1 or 0 */
  async function addPoint(x, y, label) {
    const here = selectedFrame(store.state) ?? (await ensuredFrame());
    if (!here) return;
    const painted = isPainted();
    ops.submit("add_point", { ...here, x: rounded(x), y: rounded(y), label });
    if (painted) sayRedrawn(here, "click");
  }

  /** @param {number} point_idx in the order of promptHere */
  function removePoint(point_idx) {
    const here = selectedFrame(store.state);
    if (here) ops.submit("remove_point", { ...here, point_idx });
  }

  /** @param {number} point_idx @param {number} x @param {number} y in source pixels */
  function movePoint(point_idx, x, y) {
    const here = selectedFrame(store.state);
    if (here) ops.submit("move_point", { ...here, point_idx, x: rounded(x), y: rounded(y) });
  }

  /** @param {number[] | null} box x0, y0, x1, y1 in source pixels; null takes it away */
  async function setBox(box) {
    const here = selectedFrame(store.state) ?? (await ensuredFrame());
    if (!here) return;
    const painted = box !== null && isPainted();
    ops.submit("set_box", { ...here, box: box && box.map(rounded) });
    if (painted) sayRedrawn(here, "box");
  }

  /** Tell if the mask on screen is, pixel by pixel, what was painted. */
  function isPainted() {
    const { mask, points, box } = promptHere(store.state);
    return Boolean(mask) && !points.length && !box;
  }

  /** The model reads the painted mask, but answers with one of its own. */
  const sayRedrawn = (here, by) =>
    toast({
      level: "info",
      message: "The model now redraws the painted mask.",
      hint: `It starts from what you painted and your ${by}.`,
      action: "undoAt",
      args: [here],
    });

  /** Make the painted pixels the mask of the frame. @param {import("../net/painting.js").Painted} painted */
  async function setMask({ png, pixels, box }) {
    if (png.length > MOST_BYTES) return toast(TOO_RAGGED);
    const here = selectedFrame(store.state) ?? (await ensuredFrame());
    if (!here) return;
    const { seq } = ops.submit("set_mask", { ...here, mask: toBase64(png) });
    showPainted({ ...here.key, frame_idx: here.frame_idx }, seq, pixels);
    store.dispatch({ type: "mask_painted", ...here, box });
  }

  /** Make the mask on screen, which a run made, a prompt: runs go out from it. */
  async function holdMask() {
    const here = selectedFrame(store.state);
    if (!here) return;
    const { points, box, mask: painted } = promptHere(store.state);
    const fact = store.state.annotations.masks[currentPair(store.state)]?.[here.frame_idx];
    if (points.length || box || painted) return toast({ level: "info", message: "This frame has prompts already: runs go out from it." });
    if (!fact) return toast({ level: "info", message: "There is no mask to hold on this frame." });
    const painting = startPainting();
    if (!painting) return toast({ level: "info", message: "The mask is still loading. Press again in a moment." });
    await setMask(painting.finish());
    toast({ level: "success", about: "hold", message: `Frame ${here.frame_idx} of ${here.key.instance_id} ${here.key.region} is held: runs go out from its mask.`, action: "undoAt", args: [here] });
  }

  return { addPoint, movePoint, removePoint, setBox, setMask, holdMask };
}
