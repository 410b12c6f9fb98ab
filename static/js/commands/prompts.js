/** Clicks, boxes, clearing, undo and redo on the frame on screen. */

import { currentPair, historyHere, promptHere } from "../core/selectors.js";
import { splitPair } from "../core/pairs.js";

/** A hundredth of a pixel is finer than any hand. @param {number} value */
const rounded = (value) => Math.round(value * 100) / 100;

/** @param {{store: any, ops: any, toast: Function, instances: any}} deps */
export function promptCommands({ store, ops, toast, instances }) {
  /** The selected key and the frame the user sees, or null. */
  function place() {
    const { video, drawn_idx } = store.state;
    const pair = currentPair(store.state);
    if (!video || !pair || drawn_idx === null) return null;
    return { key: { video_id: video.video_id, ...splitPair(pair) }, frame_idx: drawn_idx };
  }

  /** The place, on a first instance made for it if the video has none yet. */
  async function ensuredPlace() {
    const before = store.state.drawn_idx;
    if (store.state.instance_id === null) await instances.ensureInstance();
    const here = place();
    return here && before !== null ? { ...here, frame_idx: before } : null;
  }

  /** @param {number} x @param {number} y in source pixels @param {number} label 1 or 0 */
  async function addPoint(x, y, label) {
    const here = place() ?? (await ensuredPlace());
    if (here) ops.submit("add_point", { ...here, x: rounded(x), y: rounded(y), label });
  }

  /** @param {number} point_idx in the order of promptHere */
  function removePoint(point_idx) {
    const here = place();
    if (here) ops.submit("remove_point", { ...here, point_idx });
  }

  /** @param {number[]} box x0, y0, x1, y1 in source pixels */
  async function setBox(box) {
    const here = place() ?? (await ensuredPlace());
    if (here) ops.submit("set_box", { ...here, box: box.map(rounded) });
  }

  /** Remove the prompts of the frame, with a way back. */
  function clearFrame() {
    const here = place();
    if (!here) return;
    const { points, box } = promptHere(store.state);
    const mask = store.state.masks[currentPair(store.state)]?.[here.frame_idx];
    if (!points.length && !box && !mask) {
      toast({ level: "info", message: "Nothing to clear on this frame." });
      return;
    }
    ops.submit("clear_frame", here);
    toast({
      level: "info",
      message: `Cleared ${here.key.instance_id} · ${here.key.region} on frame ${here.frame_idx}.`,
      action: "undoAt",
      args: [here],
    });
  }

  /** Undo on a given frame, wherever the user is by now. */
  const undoAt = (here) => ops.submit("undo", here);

  const undo = () => step("undo");
  const redo = () => step("redo");

  function step(event) {
    const here = place();
    if (!here) return;
    if (!historyHere(store.state)[event]) {
      toast({ level: "info", message: `Nothing to ${event} on this frame.` });
      return;
    }
    ops.submit(event, store.state.view.tool === "keypoint" ? keypointScope(here) : here);
  }

  const keypointScope = ({ key, frame_idx }) => ({
    key: { ...key, region: null },
    frame_idx,
    scope: "keypoints",
  });

  return { addPoint, removePoint, setBox, clearFrame, undoAt, undo, redo };
}
