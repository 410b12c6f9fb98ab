/** Says that the object is not on the frame on screen, in the range or where a run lost it, and takes that back. */

import { spansOf } from "../core/approvals.js";
import { lostAt } from "../core/flags.js";
import { counted } from "../core/format.js";
import { splitPair } from "../core/pairs.js";
import { extentOf, isSet } from "../core/range.js";
import { currentPair, selectedFrame } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function, ensureInstance: () => Promise<boolean>, watchRepair: (job_id: string) => void}} deps watchRepair: of a long range */
export function absenceCommands({ store, ops, toast, ensureInstance, watchRepair }) {
  const masksHere = () => store.state.annotations.masks[currentPair(store.state)] ?? {};
  const absentFrames = () => Object.entries(masksHere()).filter(([, mask]) => mask.absent).map(([frame]) => Number(frame));

  /** Mark the frame on screen; a marked one is no longer. */
  async function toggleAbsent() {
    if (!selectedFrame(store.state) && !(store.state.video.open && (await ensureInstance()))) return;
    const here = selectedFrame(store.state);
    if (!here) return;
    const { key, frame_idx } = here;
    ops.submit("mark_absent", { key, frames: [[frame_idx, frame_idx]], absent: !absentFrames().includes(frame_idx) });
  }

  /** The marked range, else the stretch around the frame on screen on which a run lost the object. */
  function stretchHere() {
    const { playback, video } = store.state;
    if (isSet(playback.range)) return extentOf(playback.range, video.open.num_frames);
    const lost = playback.drawn_idx === null ? null : lostAt(masksHere(), playback.drawn_idx);
    return lost && { first: lost.start, last: lost.end };
  }

  /** Mark the range, or where a run lost the object; where all of it is marked, it is no longer. */
  async function toggleAbsentRange() {
    const { video } = store.state;
    const pair = currentPair(store.state);
    if (!video.open || !pair) return;
    const stretch = stretchHere();
    if (!stretch) return toast({ level: "info", message: "Mark the range first.", hint: "[ sets its first frame, ] its last." });
    const { first, last } = stretch;
    const key = { video_id: video.open.video_id, ...splitPair(pair) };
    const marked = absentFrames().filter((frame) => frame >= first && frame <= last);
    const absent = marked.length <= last - first;
    const ack = await ops.submit("mark_absent", { key, frames: absent ? [[first, last]] : spansOf(marked), absent }).answer;
    if (ack.job_id) watchRepair(ack.job_id);
    if (ack.count) say(key, ack, absent);
  }

  /** @param {any} key @param {{frames: number[][], count: number}} ack @param {boolean} absent */
  const say = (key, { frames, count }, absent) =>
    toast({
      level: "success",
      message: `${key.instance_id} ${key.region} ${absent ? "marked" : "no longer"} absent on ${counted(count, "frame")}, ${frames[0][0]} – ${frames.at(-1)[1]}.`,
      action: "undoAt",
      args: [{ key, frame_idx: frames[0][0] }],
    });

  return { toggleAbsent, toggleAbsentRange };
}
