/** The part of the video that the timeline shows. */

import { isSet } from "../core/range.js";
import { panSpan, shownSpan, spanAround, zoomSpan } from "../core/timespan.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store}} deps */
export function timelineCommands({ store }) {
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

  /** Zoom to the marked range; the second time, to the whole video. */
  function zoomToRange() {
    const { range, span } = store.state.playback;
    if (!frames() || !isSet(range)) return fitTimeline();
    const wanted = spanAround(range.start ?? 0, range.end ?? frames() - 1, frames());
    const there = wanted && span && wanted.from === span.from && wanted.frames === span.frames;
    look(there ? null : wanted);
  }

  const toggleFilmstrip = () =>
    store.dispatch({ type: "filmstrip_changed", filmstrip: !store.state.view.filmstrip });

  return { zoomTimeline, panTimeline, fitTimeline, zoomToRange, toggleFilmstrip };
}
