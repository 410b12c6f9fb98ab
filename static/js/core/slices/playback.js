/** The frame on screen, how playback goes, the part of the video the timeline shows, and the in and out marks. */

import { FRESH_PACE } from "../pacing.js";
import { NO_RANGE } from "../range.js";
import { followSpan } from "../timespan.js";
import { leavesVideo } from "./open_video.js";

/** @import { State } from "../state.js" */

export const PLAYBACK = {
  frame_idx: 0, // asked for
  /** @type {number | null} */ drawn_idx: null, // on screen: clicks, masks and dots belong to it
  heading: 1, // the way the frames went last: loading goes ahead there
  playing: false,
  scrubbing: false,
  pace: FRESH_PACE,
  /** @type {import("../timespan.js").Span | null} */ span: null, // shown by the timeline; null: the whole video
  range: NO_RANGE, // the in and out marks
  /** @type {null | {job_id: string, from: number}} */ ride: null, // the run that the stage rides with; from: where it was before
};

/** The fields that start anew with another video. */
export const PLAYBACK_CLOSED = {
  frame_idx: PLAYBACK.frame_idx,
  drawn_idx: PLAYBACK.drawn_idx,
  playing: PLAYBACK.playing,
  pace: PLAYBACK.pace,
  span: PLAYBACK.span,
  range: PLAYBACK.range,
  ride: PLAYBACK.ride,
};

const lastFrame = ({ video }) => Math.max(0, (video.open?.num_frames ?? 1) - 1);

/** The frame of the open video nearest to the one asked for. @param {State} state @param {number} frame_idx */
export const frameWithin = (state, frame_idx) => Math.min(lastFrame(state), Math.max(0, Math.round(frame_idx)));

/** The timeline keeps the frame asked for in view. */
function frameRequested(playback, action, state) {
  const frame_idx = frameWithin(state, action.frame_idx);
  if (frame_idx === playback.frame_idx) return playback;
  const heading = Math.sign(frame_idx - playback.frame_idx);
  const span = followSpan(playback.span, frame_idx, state.video.open?.num_frames ?? 0);
  return { ...playback, frame_idx, heading, span };
}

/** @type {Record<string, import("./open_video.js").Case<typeof PLAYBACK>>} */
export const PLAYBACK_CASES = {
  video_chosen: (playback, action, state) =>
    leavesVideo(state, action) ? { ...playback, frame_idx: action.frame_idx ?? 0 } : playback,
  video_opened: (playback, { ack }) => ({
    ...playback,
    frame_idx: Math.min(playback.frame_idx, Math.max(0, ack.video.num_frames - 1)),
  }),
  frame_requested: frameRequested,
  frame_drawn: (playback, { frame_idx }) =>
    frame_idx === playback.drawn_idx ? playback : { ...playback, drawn_idx: frame_idx },
  playback_changed: (playback, { playing }) => ({ ...playback, playing }),
  playback_paced: (playback, { pace }) => ({ ...playback, pace }),
  scrubbing_changed: (playback, { scrubbing }) =>
    scrubbing === playback.scrubbing ? playback : { ...playback, scrubbing },
  span_changed: (playback, { span }) => ({ ...playback, span }),
  range_changed: (playback, { range }) => ({ ...playback, range }),
  run_followed: (playback, { job_id }) => ({ ...playback, ride: { job_id, from: playback.frame_idx } }),
  run_let_go: (playback) => ({ ...playback, ride: null }),
};
