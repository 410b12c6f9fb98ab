/** Words and choices of the repair panel. */

import { counted } from "./format.js";
import { pairName } from "./pairs.js";
import { extentOf, rangeWords } from "./range.js";
import { currentPair, selectedFrame } from "./selectors.js";

/** @import { State } from "./state.js" */

/** The steps of a cleaning, as the panel shows them; most: the end of the slider, of the field below it. */
export const CLEANING_STEPS = Object.freeze([
  { name: "fill_holes", label: "Fill holes", unit: "px²", low: 0, high: 1000, most: 10_000_000, title: "Holes with fewer pixels than this are filled" },
  { name: "drop_specks", label: "Drop specks", unit: "px²", low: 0, high: 1000, most: 10_000_000, title: "Pieces with fewer pixels than this are dropped" },
  { name: "smooth", label: "Smooth", unit: "px", low: 0, high: 10, most: 100, title: "Corners and spikes smaller than this are rounded" },
  { name: "grow", label: "Grow, shrink", unit: "px", low: -20, high: 20, most: 100, title: "The edge moves outward, or inward below 0" },
]);

/** @param {import("./slices/repair.js").Cleaning} cleaning */
export const cleansNothing = (cleaning) => Object.values(cleaning).every((value) => value === 0);

/** "fill holes below 40 px², grow 2 px". @param {import("./slices/repair.js").Cleaning} cleaning */
export function cleaningWords({ fill_holes, drop_specks, smooth, grow }) {
  const words = [
    fill_holes && `fill holes below ${fill_holes} px²`,
    drop_specks && `drop specks below ${drop_specks} px²`,
    smooth && `smooth ${smooth} px`,
    grow && `${grow > 0 ? "grow" : "shrink"} ${Math.abs(grow)} px`,
  ];
  return words.filter(Boolean).join(", ");
}

/** The other pairs that masks can go to, those of the selected region first. @param {State} state @returns {string[]} */
export function targetsOf({ annotations }) {
  const { instances, regions, region } = annotations;
  const all = instances.flatMap(({ instance_id }) => regions.map(({ name }) => ({ pair: pairName(instance_id, name), same: name === region })));
  const others = all.filter(({ pair }) => pair !== currentPair(/** @type {any} */ ({ annotations })));
  return [...others.filter(({ same }) => same), ...others.filter(({ same }) => !same)].map(({ pair }) => pair);
}

/** The chosen other pair, else the first one. @param {State} state */
export function targetOf(state) {
  const targets = targetsOf(state);
  return targets.includes(state.repair.target) ? state.repair.target : (targets[0] ?? null);
}

/** The frames that a repair is about: [first, last]. @param {State} state @param {string} [scope] @returns {number[] | null} */
export function spanOf(state, scope = state.repair.scope) {
  const here = selectedFrame(state);
  const { open } = state.video;
  if (!here || !open) return null;
  if (scope === "frame") return [here.frame_idx, here.frame_idx];
  const range = scope === "range" ? state.playback.range : { start: null, end: null };
  const { first, last } = extentOf(range, open.num_frames);
  return [first, last];
}

/** "frame 12", "310 – 1203", "all frames". @param {State} state */
export function scopeWords(state) {
  const span = spanOf(state);
  if (!span) return "";
  if (state.repair.scope === "frame") return `frame ${span[0]}`;
  return state.repair.scope === "pair" ? "all frames" : rangeWords(state.playback.range);
}

/** "Swapped 1 shaft and 2 wrist on 40 frames; 2 left as they are." @param {any} job that is done */
export function repairWords({ label, pairs, made, kept }) {
  const [first, second] = pairs.map(({ instance_id, region }) => `${instance_id} ${region}`);
  const on = `on ${counted(made, "frame")}`;
  const words = {
    "swap masks": `Swapped ${first} and ${second} ${on}`,
    "move masks": `Moved ${first} to ${second} ${on}`,
    "delete masks": `Deleted ${counted(made, "mask")} of ${first}`,
    "mark absent": `${first} marked absent ${on}`,
    "no longer absent": `${first} no longer absent ${on}`,
    "mend regions": `Regions of instance ${pairs[0].instance_id} keep the rules ${on}`,
    "take rebuilt masks": `Took ${counted(made, "rebuilt mask")} of ${first}`,
    "clean masks": `Cleaned ${counted(made, "mask")} of ${first}`,
  };
  return `${words[label] ?? label}${kept ? `; ${kept} made or approved by a person left as they are` : ""}.`;
}
