/** The in and out marks of the open video, kept by the browser. */

import { isSet, NO_RANGE, rangeOf, stretch } from "../core/range.js";

/** @import { Store } from "../core/store.js" */

/**
 * @param {{store: Store, toast: Function, ranges: {read: (video_id: string) => any, write: (video_id: string, range: any) => void}}} deps
 */
export function rangeCommands({ store, toast, ranges }) {
  const frames = () => store.state.video.open?.num_frames ?? 0;

  function setRange(range) {
    const video = store.state.video.open;
    if (!video) return;
    store.dispatch({ type: "range_changed", range });
    ranges.write(video.video_id, range);
  }

  /** Set a mark, or take it away where it is already. @param {"start" | "end"} which @param {number} [frame_idx] else the one on screen */
  function markRange(which, frame_idx = store.state.playback.frame_idx) {
    const { range } = store.state.playback;
    const video = store.state.video.open;
    if (!video) return;
    const there = range[which] === frame_idx;
    setRange(rangeOf({ ...range, [which]: there ? null : frame_idx }, which, frames()));
  }

  /** @param {"start" | "end"} which @param {number} frame_idx */
  const moveMark = (which, frame_idx) =>
    setRange(rangeOf({ ...store.state.playback.range, [which]: frame_idx }, which, frames()));

  /** @param {"start" | "end"} which */
  const clearMark = (which) => setRange({ ...store.state.playback.range, [which]: null });

  /** Both marks at once, drawn in either direction. @param {number} from @param {number} to */
  const drawRange = (from, to) => setRange(stretch(from, to));

  function clearRange() {
    const before = store.state.playback.range;
    if (!isSet(before)) return;
    setRange(NO_RANGE);
    toast({ level: "info", message: "In and out marks cleared.", action: "restoreRange", args: [before] });
  }

  const restoreRange = (range) => setRange(range);

  store.watch(
    (state) => state.video.open?.video_id,
    (video_id) => {
      if (video_id === undefined) return;
      queueMicrotask(() => {
        const kept = ranges.read(video_id);
        if (kept && store.state.video.open?.video_id === video_id) {
          store.dispatch({ type: "range_changed", range: rangeOf({ ...NO_RANGE, ...kept }, "start", frames()) });
        }
      });
    },
  );

  return { markRange, moveMark, clearMark, drawRange, clearRange, restoreRange };
}
