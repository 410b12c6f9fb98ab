/** The pairs whose masks lie under the pointer, from the pixels that are drawn. */

import { pairsUnder } from "../../core/hover.js";
import { splitPair } from "../../core/pairs.js";
import { masksHere } from "../../core/selectors.js";
import { toImage } from "../../core/viewport.js";

/** @import { State } from "../../core/state.js" */

const NONE = [];

/** @param {{state: State, view: any, masks: any, pointer: any}} scene @returns {string[]} the most specific first */
export function pairsAtPointer({ state, view, masks, pointer }) {
  if (!pointer || !state.video.open || state.playback.drawn_idx === null) return NONE;
  const lying = masksHere(state).flatMap(({ pair, mask }) => {
    const place = { video_id: state.video.open.video_id, ...splitPair(pair), frame_idx: state.playback.drawn_idx };
    const pixels = masks.get(place)?.pixels;
    return pixels ? [{ pair, area: mask.area ?? pixels.inside.length, has: pixels.has }] : [];
  });
  const under = pairsUnder(lying, toImage(view, pointer.at));
  return under.length ? under : NONE;
}

/** Tell if two lists name the same pairs. @param {string[]} pairs @param {string[]} other */
export const samePairs = (pairs, other) => pairs.length === other.length && pairs.every((pair, i) => pair === other[i]);
