/** What of the video the timeline shows, and the in and out marks. */

import { isSet, NO_RANGE, rangeOf, stretch } from "../core/range.js";
import { panSpan, shownSpan, spanAround, zoomSpan } from "../core/timespan.js";

/** @import { Store } from "../core/store.js" */

/**
 * @param {{store: Store, toast: Function, ranges: {read: (video_id: string) => any, write: (video_id: string, range: any) => void}}} deps
 */
export function timelineCommands({ store, toast, ranges }) {
  const frames = () => store.state.video.open?.num_frames ?? 0;
  const look = (span) => store.dispatch({ type: "span_changed", span });

  /** @param {number} factor above 1: closer @param {number} [at] in frames; else the frame on screen, if it is in view */
  function zoomTimeline(factor, at) {
    if (!frames()) return;
    const { span, frame_idx } = store.state.playback;
    const { from, frames: shown } = shownSpan(span, frames());
    const here = frame_idx >= from && frame_idx <= from + shown ? frame_idx + 0.5 : from + shown / 2;
    look(zoomSpan(span, at ?? here, factor, frames()));
  }

  /** @param {number} by frames */
  const panTimeline = (by) => look(panSpan(store.state.playback.span, by, frames()));
  const fitTimeline = () => look(null);

  /** Show the marked range as large as it goes; again: the whole video. */
  function zoomToRange() {
    const { range, span } = store.state.playback;
    if (!frames() || !isSet(range)) return fitTimeline();
    const wanted = spanAround(range.start ?? 0, range.end ?? frames() - 1, frames());
    const there = wanted && span && wanted.from === span.from && wanted.frames === span.frames;
    look(there ? null : wanted);
  }

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
  const toggleFilmstrip = () =>
    store.dispatch({ type: "filmstrip_changed", filmstrip: !store.state.view.filmstrip });

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

  return {
    zoomTimeline, panTimeline, fitTimeline, zoomToRange, markRange, moveMark, clearMark, drawRange,
    clearRange, restoreRange, toggleFilmstrip,
  };
}
