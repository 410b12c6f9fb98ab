/** Room for lanes: as many as there are, in steps, so that the picture does not move with each new one. */

export const CALM = 4; // lanes that fit without moving a fitted picture
const STEP = 2; // lanes beyond them that are made room for at once

/** How many lanes get room: 1, 4, 6, 8 and so on. @param {number} lanes */
export const laneRoom = (lanes) => (lanes <= 1 ? 1 : CALM + STEP * Math.ceil(Math.max(0, lanes - CALM) / STEP));
