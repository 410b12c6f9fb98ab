/** Chooses the next suspicious place, worst first, and words it. */

import { counted } from "./format.js";
import { pairName } from "./pairs.js";

/** @import { Stop } from "./slices/suspicion.js" */
/** @import { State } from "./state.js" */

/** Worst first, those that are still open: nobody approved, made or marked absent their worst mask meanwhile. @param {State} state @returns {Stop[]} */
export const openStops = ({ suspicion, annotations }) => (suspicion.stops ?? []).filter((stop) => isOpen(stop, annotations));

function isOpen({ instance_id, region, frame_idx }, annotations) {
  const mask = annotations.masks[pairName(instance_id, region)]?.[frame_idx];
  return Boolean(mask) && !mask.approved && !mask.absent && mask.source !== "human";
}

/**
 * The place after the one gone to last, or before it; the worst one at first and after the last. Which it is, from 1.
 * @param {State} state @param {number} way 1: less suspicious, -1: more @returns {{stop: Stop, place: number, of: number} | null}
 */
export function nextStop(state, way) {
  const stops = openStops(state);
  if (!stops.length) return null;
  const ranks = new Map((state.suspicion.stops ?? []).map(({ stop }, rank) => [stop, rank]));
  const last = ranks.get(state.suspicion.at ?? "") ?? -1;
  const beyond = ({ stop }) => way * (ranks.get(stop) - last) > 0;
  const found = last < 0 ? stops[0] : ((way > 0 ? stops.find(beyond) : stops.findLast(beyond)) ?? stops.at(way > 0 ? 0 : -1));
  return { stop: found, place: stops.indexOf(found) + 1, of: stops.length };
}

/** "Frame 57, 1 shaft: area fell by 70 %, in 2 pieces". @param {Stop} stop */
export const stopWords = ({ frame_idx, instance_id, region, reasons }) => `Frame ${frame_idx}, ${instance_id} ${region}: ${reasons.join(", ")}`;

/** "frames 55 – 60", "frame 57". @param {Stop} stop */
export const stretchWords = ({ first, last }) => (first === last ? `frame ${first}` : `frames ${first} – ${last}`);

/** "12 places want a look." @param {Stop[] | null} stops */
export function stopsSummary(stops) {
  if (!stops) return "";
  return stops.length ? `${counted(stops.length, "place")} to look at, the worst first.` : "No mask is suspicious.";
}
