/** Room for lanes: as many as there are, in steps, so that the picture does not move with each new one. */

const STEP = 3; // lanes that are made room for at once
export const CALM = 1 + STEP; // lanes that fit without moving a fitted picture

/** How many lanes get room: 1, 4, 7 and so on. @param {number} lanes */
export const laneRoom = (lanes) => 1 + STEP * Math.ceil(Math.max(0, lanes - 1) / STEP);
