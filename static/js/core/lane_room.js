/** Room for lanes: as many as there are, in steps, so that the picture does not move with each new one; in a low window some scroll. */

export const CALM = 4; // lanes that fit without moving a fitted picture
const STEP = 2; // lanes beyond them that are made room for at once

const SHARE = 0.25; // of the window's height, that a timeline takes by itself

/** Return how many lanes get room: 1, 4, 6, 8 and so on; `most` at most. @param {number} lanes @param {number} [most] */
export const laneRoom = (lanes, most = Infinity) => Math.min(most, lanes <= 1 ? 1 : CALM + STEP * Math.ceil(Math.max(0, lanes - CALM) / STEP));

/** Return how many lanes get room in a window of this height. @param {{window_px: number, rest_px: number, lane_px: number}} sizes rest_px: of the timeline without lanes */
export const mostLanes = ({ window_px, rest_px, lane_px }) => Math.max(CALM, Math.floor((window_px * SHARE - rest_px) / lane_px));
