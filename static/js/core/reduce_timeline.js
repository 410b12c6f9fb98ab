/** What the timeline shows, the in and out marks, and how playback goes. */

import { FRESH_PACE } from "./pacing.js";
import { NO_RANGE } from "./range.js";
import { followSpan } from "./timespan.js";

const view = (state, changes) => ({ ...state, view: { ...state.view, ...changes } });

/** What another video begins with. */
export const TIMELINE_CLOSED = {
  span: null,
  range: NO_RANGE,
  pace: FRESH_PACE,
};

/** The timeline keeps the frame asked for in view. @param {import("./state.js").State} state */
export function followed(state) {
  const span = followSpan(state.span, state.frame_idx, state.video?.num_frames ?? 0);
  return span === state.span ? state : { ...state, span };
}

export const TIMELINE_CASES = {
  span_changed: (state, { span }) => ({ ...state, span }),
  range_changed: (state, { range }) => ({ ...state, range }),
  playback_paced: (state, { pace }) => ({ ...state, pace }),
  rate_chosen: (state, { rate }) => view(state, { rate }),
  loop_changed: (state, { loop }) => view(state, { loop }),
  filmstrip_changed: (state, { filmstrip }) => view(state, { filmstrip }),
};
