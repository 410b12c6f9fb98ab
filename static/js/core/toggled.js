/** A list with an item taken out, or put in if it was not there. */

/** @template T @param {T[]} list @param {T} item @returns {T[]} */
export const toggled = (list, item) =>
  list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
