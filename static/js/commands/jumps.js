/** Jumps to frames worth a look: with prompts, flagged, suspicious; and to the neighbouring lane. */

import { nextFlagged } from "../core/flags.js";
import { splitPair } from "../core/pairs.js";
import { lanes, promptedFrames } from "../core/selectors.js";
import { nextSuspect } from "../core/suspects.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function, step: (by: number) => void}} deps */
export function jumpCommands({ store, toast, step }) {
  /** @param {number} way 1 or -1 */
  function stepPrompted(way) {
    const { frame_idx } = store.state.playback;
    const frames = promptedFrames(store.state).filter((frame) => (frame - frame_idx) * way > 0);
    if (frames.length) step((way > 0 ? frames[0] : frames.at(-1)) - frame_idx);
  }

  /** To a mask that a run flagged, of any pair. @param {number} way 1 or -1 */
  function stepFlagged(way) {
    if (!store.state.video.open) return;
    const next = nextFlagged(lanes(store.state), store.state.playback.frame_idx, way);
    if (!next) {
      const message = `No flagged mask ${way > 0 ? "after" : "before"} this frame.`;
      return toast({ level: "info", message });
    }
    store.dispatch({ type: "pair_selected", ...splitPair(next.pair) });
    step(next.frame_idx - store.state.playback.frame_idx);
  }

  /** To the next frame that wants a look, of any pair; says why. @param {number} way 1 or -1 */
  function stepSuspect(way) {
    if (!store.state.video.open) return;
    const next = nextSuspect(lanes(store.state), store.state.playback.frame_idx, way);
    const level = "info";
    if (!next) return toast({ level, message: `Nothing suspicious ${way > 0 ? "after" : "before"} this frame.` });
    store.dispatch({ type: "pair_selected", ...splitPair(next.pair) });
    step(next.frame_idx - store.state.playback.frame_idx);
    toast({ level, about: "suspect", message: `Frame ${next.frame_idx}, ${next.pair.replace("/", " ")}: ${next.why}.` });
  }

  /** Select the pair one lane up or down. @param {number} way 1 or -1 */
  function stepLane(way) {
    const shown = lanes(store.state);
    const lane = shown[shown.findIndex((lane) => lane.active) + way];
    if (lane) store.dispatch({ type: "pair_selected", ...splitPair(lane.pair) });
  }

  return { stepPrompted, stepFlagged, stepSuspect, stepLane };
}
