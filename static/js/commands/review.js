/** Approves the mask on screen, and takes approvals back. */

import { framesToApprove, spansOf } from "../core/approvals.js";
import { counted } from "../core/format.js";
import { splitPair } from "../core/pairs.js";
import { currentPair } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function}} deps */
export function reviewCommands({ store, ops, toast }) {
  const say = (message) => toast({ level: "info", message });

  function selected() {
    const video = store.state.video.open;
    const pair = currentPair(store.state);
    if (!video || !pair) return null;
    return { key: { video_id: video.video_id, ...splitPair(pair) }, masks: store.state.annotations.masks[pair] ?? {} };
  }

  /** Approve the mask on screen of the selected pair, at a stop the whole flagged stretch, or take that back. */
  async function approveFrame() {
    const here = selected();
    const frame_idx = store.state.playback.drawn_idx;
    if (!here || frame_idx === null) return;
    const mask = here.masks[frame_idx];
    if (!mask) return say("There is no mask to approve on this frame.");
    const frames = spansOf(framesToApprove(here.masks, frame_idx));
    const { seq, answer } = ops.submit("approve", { key: here.key, frames, approved: !mask.approved });
    if (!mask.approved && store.state.view.approve_steps) store.dispatch({ type: "frame_requested", frame_idx: frames.at(-1)[1] + 1 });
    const ack = await answer;
    if (!mask.approved && ack?.count > 1) sayStretch(here.key, { ...ack, seq });
  }

  const sayStretch = (key, { count, frames, seq }) =>
    toast({
      level: "success",
      message: `${counted(count, "flagged mask")} of ${key.instance_id} ${key.region} approved, frames ${frames[0][0]} – ${frames.at(-1)[1]}.`,
      action: "unapprove",
      args: [[{ key, frames, seq }]],
    });

  /** Take approvals back, on just those frames. @param {{key: any, frames: number[][], seq: number}[]} changes seq: of the op that approved them */
  const unapprove = (changes) =>
    changes.forEach(({ key, frames, seq }) => ops.submit("approve", { key, frames, approved: false }, { step: { way: "undo", seq } }));

  return { approveFrame, unapprove };
}
