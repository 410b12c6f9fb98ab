/** Clearing, undo and redo on the frame on screen. */

import { currentPair, historyHere, promptHere, selectedFrame } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function}} deps */
export function promptHistoryCommands({ store, ops, toast }) {
  /** Remove the prompts of the frame, with a way back. */
  function clearFrame() {
    const here = selectedFrame(store.state);
    if (!here) return;
    const { points, box } = promptHere(store.state);
    const mask = store.state.annotations.masks[currentPair(store.state)]?.[here.frame_idx];
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

  /** Undo the last change of a pair and frame, whichever is on screen by now. */
  const undoAt = (here) => ops.submit("undo", here);

  const undo = () => step("undo");
  const redo = () => step("redo");

  function step(event) {
    const here = selectedFrame(store.state);
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

  return { clearFrame, undoAt, undo, redo };
}
