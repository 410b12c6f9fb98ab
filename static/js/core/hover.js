/** Finds the pairs whose masks cover a pixel of the frame. */

/** @typedef {{pair: string, area: number, has: (x: number, y: number) => boolean}} Lying */

/**
 * The pairs under a place, the most specific (smallest) first: a part comes before its whole.
 * @param {Lying[]} lying @param {number[]} point in source px @returns {string[]}
 */
export const pairsUnder = (lying, [x, y]) =>
  lying
    .filter(({ has }) => has(x, y))
    .sort((a, b) => a.area - b.area)
    .map(({ pair }) => pair);

/** The pair that a pick selects: the first, or the one after the selected one, in a circle. @param {string[]} pairs @param {string | null} selected */
export const picked = (pairs, selected) => pairs[(pairs.indexOf(selected) + 1) % pairs.length] ?? null;
