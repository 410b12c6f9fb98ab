/** Says that the object is not on the frame on screen or in the range, and takes that back. */

import { spansOf } from "../core/approvals.js";
import { counted } from "../core/format.js";
import { splitPair } from "../core/pairs.js";
import { extentOf, isSet, rangeWords } from "../core/range.js";
import { currentPair, selectedFrame } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function, ensureInstance: () => Promise<boolean>}} deps */
export function absenceCommands({ store, ops, toast, ensureInstance }) {
  const absentFrames = () => {
    const masks = store.state.annotations.masks[currentPair(store.state)] ?? {};
    return Object.keys(masks).filter((frame) => masks[frame].absent).map(Number);
  };

  /** Mark the frame on screen; a marked one is no longer. */
  async function toggleAbsent() {
    if (!selectedFrame(store.state) && !(store.state.video.open && (await ensureInstance()))) return;
    const here = selectedFrame(store.state);
    if (!here) return;
    const { key, frame_idx } = here;
    ops.submit("mark_absent", { key, frames: [[frame_idx, frame_idx]], absent: !absentFrames().includes(frame_idx) });
  }

  /** Mark the range; where all of it is marked, it is no longer. */
  async function toggleAbsentRange() {
    const { video, playback } = store.state;
    const pair = currentPair(store.state);
    if (!video.open || !pair) return;
    if (!isSet(playback.range)) {
      toast({ level: "info", message: "Mark the range first.", hint: "[ sets its first frame, ] its last." });
      return;
    }
    const key = { video_id: video.open.video_id, ...splitPair(pair) };
    const { first, last } = extentOf(playback.range, video.open.num_frames);
    const marked = absentFrames().filter((frame) => frame >= first && frame <= last);
    const absent = marked.length <= last - first;
    const ack = await ops.submit("mark_absent", { key, frames: absent ? [[first, last]] : spansOf(marked), absent }).answer;
    if (ack.count) say(key, ack, absent);
  }

  /** @param {any} key @param {{frames: number[][], count: number}} ack @param {boolean} absent */
  const say = (key, { frames, count }, absent) =>
    toast({
      level: "success",
      message: `${key.instance_id} ${key.region} ${absent ? "marked" : "no longer"} absent on ${counted(count, "frame")}, ${rangeWords(store.state.playback.range)}.`,
      action: "undoAt",
      args: [{ key, frame_idx: frames[0][0] }],
    });

  return { toggleAbsent, toggleAbsentRange };
}
