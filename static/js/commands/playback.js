/** The frame on screen: stepped through, scrubbed. */

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store}} deps */
export function playbackCommands({ store }) {
  const showFrame = (frame_idx) => store.dispatch({ type: "frame_requested", frame_idx });

  /** @param {number} by frames, negative goes back */
  function step(by) {
    stop();
    showFrame(store.state.playback.frame_idx + by);
  }

  const nextFrame = () => step(1);
  const previousFrame = () => step(-1);
  const firstFrame = () => step(-Infinity);
  const lastFrame = () => step(Infinity);

  /** Called many times during a drag. @param {number} frame_idx @param {boolean} settled the drag is over */
  function scrubTo(frame_idx, settled) {
    stop();
    store.dispatch({ type: "scrubbing_changed", scrubbing: !settled });
    showFrame(frame_idx);
  }

  function stop() {
    if (store.state.playback.playing) store.dispatch({ type: "playback_changed", playing: false });
  }

  return { showFrame, step, nextFrame, previousFrame, firstFrame, lastFrame, scrubTo, stop };
}
