/** Approves masks: a person has checked them. */

import { framesToApprove, spansOf } from "../core/approvals.js";
import { counted } from "../core/format.js";
import { splitPair } from "../core/pairs.js";
import { extentOf, isSet, rangeWords } from "../core/range.js";
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
    const { answer } = ops.submit("approve", { key: here.key, frames, approved: !mask.approved });
    const ack = await answer;
    if (!mask.approved && ack?.count > 1) sayStretch(here.key, ack);
  }

  const sayStretch = (key, { count, frames }) =>
    toast({
      level: "success",
      message: `${counted(count, "flagged mask")} of ${key.instance_id} ${key.region} approved, frames ${frames[0][0]} – ${frames.at(-1)[1]}.`,
      action: "unapprove",
      args: [key, frames],
    });

  /** Approve all masks of the selected pair between the in and out marks. */
  async function approveRange() {
    const here = selected();
    const { range } = store.state.playback;
    const video = store.state.video.open;
    if (!here) return;
    if (!isSet(range)) return say("Mark the frames first: [ sets the first one, ] the last.");
    const { first, last } = extentOf(range, video.num_frames);
    const { answer } = ops.submit("approve", { key: here.key, frames: [[first, last]], approved: true });
    const ack = await answer;
    if (!ack.count) return;
    toast({
      level: "success",
      message: `${counted(ack.count, "mask")} of ${here.key.instance_id} ${here.key.region} approved, frames ${rangeWords(range)}.`,
      action: "unapprove",
      args: [here.key, ack.frames],
    });
  }

  /** Take an approval back, on just those frames. @param {any} key @param {number[][]} frames */
  const unapprove = (key, frames) => ops.submit("approve", { key, frames, approved: false });

  return { approveFrame, approveRange, unapprove };
}
