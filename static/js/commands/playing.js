/** Playback: the video's own rate or a share of it, in a loop of the marked range if wanted. */

import { advance, FRESH_PACE } from "../core/pacing.js";
import { extentOf } from "../core/range.js";
import { secondsAt } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

const RATES = [0.25, 0.5, 1, 2];

/** @param {{store: Store, nextTick: (callback: (now_ms: number) => void) => void, isReady: (frame_idx: number) => boolean}} deps */
export function playingCommands({ store, nextTick, isReady }) {
  const pacedTo = (pace) => store.dispatch({ type: "playback_paced", pace });

  /** The frames that are played: in a loop those of the range. */
  function extent() {
    const video = store.state.video.open;
    const { range } = store.state.playback;
    const { view } = store.state;
    const last = video.num_frames - 1;
    return view.loop ? extentOf(range, video.num_frames) : { first: 0, last };
  }

  function togglePlay() {
    const video = store.state.video.open;
    const { playing, frame_idx } = store.state.playback;
    if (!video) return;
    if (playing) return store.dispatch({ type: "playback_changed", playing: false });
    const { first, last } = extent();
    if (frame_idx < first || frame_idx >= last) store.dispatch({ type: "frame_requested", frame_idx: first });
    pacedTo(FRESH_PACE);
    store.dispatch({ type: "playback_changed", playing: true });
    nextTick(tick(null, video.video_id));
  }

  const tick = (clock, video_id) => (now_ms) => {
    const { playing, frame_idx, pace } = store.state.playback;
    const video = store.state.video.open;
    const { view } = store.state;
    if (!playing || video?.video_id !== video_id) return;
    const { rate, loop } = view;
    const step = advance(clock, {
      now_ms, frame_idx, rate, loop, pace, ...extent(),
      frame_s: 1 / (video.fps || 25),
      secondsAt: (frame) => secondsAt(store.state, frame),
      isReady,
    });
    if (step.pace !== pace) pacedTo(step.pace);
    if (step.show !== null) store.dispatch({ type: "frame_requested", frame_idx: step.show });
    if (step.ended) store.dispatch({ type: "playback_changed", playing: false });
    else nextTick(tick(step.clock, video_id));
  };

  const chooseRate = (rate) => store.dispatch({ type: "rate_chosen", rate });

  /** @param {number} way 1 faster, -1 slower */
  function stepRate(way) {
    const at = RATES.indexOf(store.state.view.rate) + way;
    if (RATES[at] !== undefined) chooseRate(RATES[at]);
  }

  /** Round through the rates: 1, 2, ¼, ½. */
  const cycleRate = () => chooseRate(RATES[(RATES.indexOf(store.state.view.rate) + 1) % RATES.length]);

  const toggleLoop = () => store.dispatch({ type: "loop_changed", loop: !store.state.view.loop });

  return { togglePlay, stepRate, cycleRate, toggleLoop };
}
