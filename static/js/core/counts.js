/** Counts what a pair holds: remembered for the same object, as there may be tens of thousands of frames. */

/** @template Found @param {(record: Record<number, any>) => Found} find @returns {(record: Record<number, any>) => Found} */
function remembered(find) {
  const known = new WeakMap();
  return (record) => {
    if (!known.has(record)) known.set(record, find(record));
    return known.get(record);
  };
}

/** The frames of a record, in order. */
export const framesIn = remembered((record) => Object.keys(record).map(Number));

/** Masks of a pair. stale: a run can renew some; tracked: some are not made by a person. */
export const maskCounts = remembered((record) => {
  const masks = Object.values(record);
  return {
    masks: masks.length,
    stale: masks.some((mask) => mask.stale && mask.run !== null),
    approved: masks.some((mask) => mask.approved),
    tracked: masks.some((mask) => mask.source !== "human"),
  };
});

/** Points, boxes and painted masks of a pair, together. */
export const pointCount = remembered((prompts) =>
  Object.values(prompts).reduce((sum, prompt) => sum + prompt.points.length + (prompt.box ? 1 : 0) + (prompt.mask ? 1 : 0), 0),
);

/** The sum over the pairs of a record. @template Frames @param {Record<string, Frames>} record @param {(frames: Frames) => number} count */
export const total = (record, count) => Object.values(record).reduce((sum, frames) => sum + count(frames), 0);
