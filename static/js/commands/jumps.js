/** Jumps to frames worth a look: with prompts, flagged, suspicious; and to the neighbouring lane. */

import { counted } from "../core/format.js";
import { splitPair } from "../core/pairs.js";
import { lanes, promptedFrames } from "../core/selectors.js";
import { flaggedStops, stopFrom, suspectStops } from "../core/stops.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function, step: (by: number) => void}} deps */
export function jumpCommands({ store, toast, step }) {
  /** @param {number} way 1 or -1 */
  function stepPrompted(way) {
    const { frame_idx } = store.state.playback;
    const frames = promptedFrames(store.state).filter((frame) => (frame - frame_idx) * way > 0);
    if (frames.length) step((way > 0 ? frames[0] : frames.at(-1)) - frame_idx);
  }

  /** Go to a stop and select its pair; says how many lie the other way where none is left. */
  function goToStop(stopsIn, way, words) {
    if (!store.state.video.open) return null;
    const shown = lanes(store.state);
    const { frame_idx } = store.state.playback;
    const { next, left, behind } = stopFrom(stopsIn(shown), shown, frame_idx, way);
    if (!next) {
      toast({ level: "info", about: "stop", message: endWords(words, way, behind) });
      return null;
    }
    store.dispatch({ type: "pair_selected", ...splitPair(next.pair) });
    step(next.frame_idx - frame_idx);
    return { ...next, left };
  }

  /** Go to a flagged stretch of any pair that is not approved. @param {number} way 1 or -1 */
  function stepFlagged(way) {
    goToStop(flaggedStops, way, { none: "No flagged mask", place: "flagged place" });
  }

  /** Go to the next suspicious frame of any pair, and say why it is suspicious. @param {number} way 1 or -1 */
  function stepSuspect(way) {
    const next = goToStop(suspectStops, way, { none: "Nothing suspicious", place: "suspicious place" });
    if (next) toast({ level: "info", about: "stop", message: `Frame ${next.frame_idx}, ${next.pair.replace("/", " ")}: ${next.why}.`, hint: next.left ? `${next.left} more this way.` : "The last one this way." });
  }

  /** Select the pair one lane up or down. @param {number} way 1 or -1 */
  function stepLane(way) {
    const shown = lanes(store.state);
    const lane = shown[shown.findIndex((lane) => lane.active) + way];
    if (lane) store.dispatch({ type: "pair_selected", ...splitPair(lane.pair) });
  }

  return { stepPrompted, stepFlagged, stepSuspect, stepLane };
}

/** Say that no stop is left: "Nothing suspicious after this frame; 4 suspicious places before it." @param {{none: string, place: string}} words @param {number} way @param {number} behind */
function endWords({ none, place }, way, behind) {
  const [ahead, back] = way > 0 ? ["after", "before"] : ["before", "after"];
  return `${none} ${ahead} this frame${behind ? `; ${counted(behind, place)}` : ", nor"} ${back} it.`;
}
