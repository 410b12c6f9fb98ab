/** Stops of a review: the places a person should look at, in the order of frames, then of lanes. */

import { flaggedPlaces } from "./flags.js";
import { suspectsOf } from "./suspects.js";

/** @typedef {{pair: string, hidden: boolean, active: boolean, masks: any, prompts?: any}} Lane */
/** @typedef {{frame_idx: number, end: number, why: string}} Place end is the last frame, inclusive */
/** @typedef {Place & {pair: string, lane: number}} Stop */

/** @param {Lane[]} lanes @param {(lane: Lane) => Place[]} placesOf @returns {Stop[]} of the pairs that are shown */
const stopsOf = (lanes, placesOf) =>
  lanes
    .flatMap((lane, at) => (lane.hidden ? [] : placesOf(lane).map((place) => ({ ...place, pair: lane.pair, lane: at }))))
    .sort((a, b) => a.frame_idx - b.frame_idx || a.lane - b.lane);

/** Flagged stretches that are not approved. @param {Lane[]} lanes */
export const flaggedStops = (lanes) => stopsOf(lanes, ({ masks }) => flaggedPlaces(masks));

/** Suspicious stretches: flagged, unsure, stale, missing. @param {Lane[]} lanes */
export const suspectStops = (lanes) => stopsOf(lanes, ({ masks, prompts }) => suspectsOf(masks, prompts));

/**
 * The next stop from the selected pair on a frame, how many come after it, and how many stops lie the other way.
 * @param {Stop[]} stops in order @param {Lane[]} lanes @param {number} frame_idx @param {number} way 1 or -1
 * @returns {{next: Stop | null, left: number, behind: number}}
 */
export function stopFrom(stops, lanes, frame_idx, way) {
  const lane = lanes.findIndex(({ active }) => active);
  const far = (stop) => (stop.frame_idx - frame_idx || stop.lane - lane) * way;
  const ahead = stops.filter((stop) => far(stop) > 0);
  return { next: ahead.at(way > 0 ? 0 : -1) ?? null, left: Math.max(0, ahead.length - 1), behind: stops.filter((stop) => far(stop) < 0).length };
}
