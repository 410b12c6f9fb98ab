/** Finds the masks that a run flagged, and words their flags. */

/** @typedef {{start: number, end: number, flag: string}} FlaggedRun end is the last frame, inclusive */

const KNOWN = new WeakMap();
const WORDS = { lost: "lost", swallow: "mask fills the frame", scene_cut: "scene cut" };

/** A flag in two or three words. @param {string} flag */
export const flagWords = (flag) => WORDS[flag] ?? flag;

/**
 * Neighbouring frames of one flag. The answer is remembered for the same object.
 * @param {Record<number, import("./wire.js").MaskFact>} masks
 * @returns {FlaggedRun[]} by their first frame
 */
export function flaggedRuns(masks) {
  const known = KNOWN.get(masks);
  if (known) return known;
  const runs = [];
  const open = {}; // the run of each flag that may go on
  for (const name of Object.keys(masks)) {
    const frame_idx = Number(name);
    for (const flag of masks[frame_idx].flags ?? []) {
      const last = open[flag];
      if (last && last.end === frame_idx - 1) last.end = frame_idx;
      else runs.push((open[flag] = { start: frame_idx, end: frame_idx, flag }));
    }
  }
  KNOWN.set(masks, runs);
  return runs;
}

/**
 * The next place to look at: the first frame of a flagged run, of any pair that is shown.
 * @param {{pair: string, hidden: boolean, active: boolean, masks: any}[]} lanes
 * @param {number} frame_idx @param {number} way 1 or -1
 * @returns {{pair: string, frame_idx: number} | null} the selected pair's where several begin there
 */
export function nextFlagged(lanes, frame_idx, way) {
  let best = null;
  for (const { pair, hidden, active, masks } of lanes) {
    if (hidden) continue;
    for (const { start } of flaggedRuns(masks)) {
      const far = (start - frame_idx) * way;
      if (far <= 0) continue;
      if (!best || far < best.far || (far === best.far && active)) best = { pair, frame_idx: start, far };
    }
  }
  return best && { pair: best.pair, frame_idx: best.frame_idx };
}

/** The flagged run at a place of a lane, or close to it. @param {any} masks @param {number} frame_idx @param {number} reach frames */
export const flaggedNear = (masks, frame_idx, reach) =>
  flaggedRuns(masks).find(({ start, end }) => start - reach <= frame_idx && frame_idx <= end + reach) ?? null;

/** "frames 57–80: lost", "frame 12: scene cut". @param {FlaggedRun} run */
export const placeWords = ({ start, end, flag }) =>
  `${start === end ? `frame ${start}` : `frames ${start}–${end}`}: ${flagWords(flag)}`;

/** "tool 2 wrist", or how many pairs. @param {{instance_id: number, region: string}[]} pairs @param {{instance_id: number, name: string}[]} instances */
export function pairsWords(pairs, instances) {
  if (pairs.length > 1) return `${pairs.length} pairs`;
  const [{ instance_id, region }] = pairs;
  const instance = instances.find((listed) => listed.instance_id === instance_id);
  return `${instance?.name ?? `instance ${instance_id}`} ${region}`;
}

/** Whether two runs have a pair in common; "all" has one with any. @param {any} pairs @param {any} other */
export function sharePair(pairs, other) {
  if (!Array.isArray(pairs) || !Array.isArray(other)) return true;
  const same = (a, b) => a.instance_id === b.instance_id && a.region === b.region;
  return pairs.some((a) => other.some((b) => same(a, b)));
}
