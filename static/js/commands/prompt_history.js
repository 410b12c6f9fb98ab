/** Clearing on the frame on screen; undo and redo of one's own last change, or on that frame. */

import { coversFrame, samePress } from "../core/own_changes.js";
import { anywayToast, isSamePlace, nameOf } from "../core/people.js";
import { currentPair, historyHere, ownChange, ownerAt, ownerHere, promptHere, selectedFrame } from "../core/selectors.js";

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
    const own = ownChange(store.state, event);
    if (own) return stepThere(event, own);
    const here = selectedFrame(store.state);
    if (!here) return;
    if (!historyHere(store.state)[event]) {
      toast({ level: "info", message: `Nothing to ${event} on this frame.` });
      return;
    }
    take(event, store.state.view.tool === "keypoint" ? keypointScope(here) : here, ownerHere(store.state, event));
  }

  /** Take a step back or again; another person's change only after a question. Returns whether it is taken. */
  function take(event, data, other) {
    if (other && !wasAsked(event, data)) {
      toast(anywayToast(event, data, `${nameOf(other)} ${event === "undo" ? "made" : "undid"} the last change here.`));
      return false;
    }
    ops.submit(event, other ? { ...data, any: true } : data);
    return true;
  }

  /** Tell if the question about it is still on the page: a second press is a yes. */
  const wasAsked = (event, data) =>
    store.state.view.toasts.some(({ action, args }) => action === "doAnyway" && args[0] === event && isSamePlace(args[1], data));

  /** Go to one's own last change, wherever it was made, and take it back. */
  function stepThere(event, place) {
    if (place.approval) return stepApproval(event, place);
    const { video, playback, annotations } = store.state;
    const { instance_id, region, frame_idx } = place;
    const is_selected = annotations.instance_id === instance_id && (region === null || annotations.region === region);
    if (!is_selected) store.dispatch({ type: "pair_selected", instance_id, region }); // its keypoint stays selected
    const key = { video_id: video.open.video_id, instance_id, region };
    const data = region === null ? keypointScope({ key, frame_idx }) : { key, frame_idx };
    const is_taken = take(event, data, ownerAt(store.state, event, place));
    if (frame_idx === playback.frame_idx) return;
    store.dispatch({ type: "frame_requested", frame_idx });
    if (is_taken) toast({ level: "info", about: "undo", message: `${event === "undo" ? "Undone" : "Redone"} on frame ${frame_idx}, ${instance_id} ${region ?? "keypoints"}.` });
  }

  /** Take an approval back, or give it again: all that one press approved. @param {"undo" | "redo"} way */
  function stepApproval(way, own) {
    const { video, annotations, playback } = store.state;
    const { done, undone } = annotations.own_changes;
    const all = samePress(way === "undo" ? done : undone, own);
    for (const { seq, instance_id, region, approval } of all) {
      const approved = (way === "redo") === approval.approved;
      ops.submit("approve", { key: { video_id: video.open.video_id, instance_id, region }, frames: approval.frames, approved }, { step: { way, seq } });
    }
    const { instance_id, region, frame_idx, approval } = own;
    const where = all.length > 1 ? `${all.length} pairs` : `${instance_id} ${region}`;
    toast({ level: "info", about: "undo", message: `${(way === "redo") === approval.approved ? "Approved again" : "Approval taken back"}, ${where}.` });
    if (all.length > 1) return;
    if (annotations.instance_id !== instance_id || annotations.region !== region) store.dispatch({ type: "pair_selected", instance_id, region });
    if (!coversFrame(own, playback.frame_idx)) store.dispatch({ type: "frame_requested", frame_idx });
  }

  const keypointScope = ({ key, frame_idx }) => ({
    key: { ...key, region: null },
    frame_idx,
    scope: "keypoints",
  });

  return { clearFrame, undoAt, undo, redo };
}
