/** Which frame is on screen: stepping, scrubbing, playing. */

import { nextFlagged } from "../core/flags.js";
import { splitPair } from "../core/pairs.js";
import { lanes, promptedFrames, secondsAt } from "../core/selectors.js";

const LATE_FRAMES = 2; // wait for the screen rather than run ahead of it

/** @param {{store: any, toast: Function, nextTick: (callback: (now_ms: number) => void) => void}} deps */
export function playbackCommands({ store, toast, nextTick }) {
  const showFrame = (frame_idx) => store.dispatch({ type: "frame_requested", frame_idx });
  const last = () => (store.state.video?.num_frames ?? 1) - 1;

  /** @param {number} by frames, negative goes back */
  function step(by) {
    stop();
    showFrame(store.state.frame_idx + by);
  }

  const nextFrame = () => step(1);
  const previousFrame = () => step(-1);
  const firstFrame = () => step(-Infinity);
  const lastFrame = () => step(Infinity);

  /** @param {number} way 1 or -1 */
  function stepPrompted(way) {
    const { frame_idx } = store.state;
    const frames = promptedFrames(store.state).filter((one) => (one - frame_idx) * way > 0);
    if (frames.length) step((way > 0 ? frames[0] : frames.at(-1)) - frame_idx);
  }

  /** To a mask that a run flagged, of any pair. @param {number} way 1 or -1 */
  function stepFlagged(way) {
    if (!store.state.video) return;
    const next = nextFlagged(lanes(store.state), store.state.frame_idx, way);
    if (!next) {
      const message = `No flagged mask ${way > 0 ? "after" : "before"} this frame.`;
      return toast({ level: "info", message });
    }
    store.dispatch({ type: "pair_selected", ...splitPair(next.pair) });
    step(next.frame_idx - store.state.frame_idx);
  }

  /** Called many times during a drag. @param {number} frame_idx @param {boolean} settled the drag is over */
  function scrubTo(frame_idx, settled) {
    stop();
    store.dispatch({ type: "scrubbing_changed", scrubbing: !settled });
    showFrame(frame_idx);
  }

  function stop() {
    if (store.state.playing) store.dispatch({ type: "playback_changed", playing: false });
  }

  function togglePlay() {
    const { video, playing, frame_idx } = store.state;
    if (!video) return;
    if (playing) return stop();
    if (frame_idx >= last()) showFrame(0);
    store.dispatch({ type: "playback_changed", playing: true });
    nextTick(play(null));
  }

  /** One tick: the frame whose time has come; the clock waits while the screen is behind. */
  const play = (from) => (now_ms) => {
    const { playing, frame_idx, drawn_idx } = store.state;
    if (!playing) return;
    const behind = Math.abs(frame_idx - (drawn_idx ?? frame_idx)) >= LATE_FRAMES;
    const start = behind || !from ? { now_ms, at_s: secondsAt(store.state, frame_idx) } : from;
    const due_s = start.at_s + (now_ms - start.now_ms) / 1000;
    let next = frame_idx;
    while (next < last() && secondsAt(store.state, next + 1) <= due_s) next += 1;
    if (next !== frame_idx) showFrame(next);
    if (next >= last()) stop();
    else nextTick(play(start));
  };

  return {
    showFrame,
    step,
    nextFrame,
    previousFrame,
    firstFrame,
    lastFrame,
    stepPrompted,
    stepFlagged,
    scrubTo,
    stop,
    togglePlay,
  };
}
