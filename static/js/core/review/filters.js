/** Chooses the cells of a review that are shown, and their order. */

import { confidenceOf } from "../confidence.js";
import { flagsOf, isSuspicious, scoreOf, standing, stateOf } from "./cells.js";

/** @import { Cell } from "./cells.js" */
/**
 * @typedef {{show: string, state: string, score: string, flag: string, instance: string, region: string, sort: string,
 *   every: number, size: number}} Filters  every: 0 until it is known how many cells there are
 */

/** @type {Filters} */
export const ALL = { show: "all", state: "any", score: "any", flag: "any", instance: "any", region: "any", sort: "frame", every: 0, size: 200 };

export const CHOICES = {
  show: { all: "All frames", prompted: "Prompted", flagged: "Flagged", suspicious: "Suspicious" },
  state: { any: "Any state", waiting: "To look at", approved: "Approved", rejected: "Rejected", missing: "No mask" },
  score: { any: "Any score", absent: "Object not seen", unsure: "Unsure or worse", fair: "Fairly sure or worse", sure: "Sure" },
  flag: { any: "Any flag", lost: "Lost", swallow: "Fills the frame", scene_cut: "Scene cut" },
  sort: { frame: "In order", worst: "Worst first" },
};
const MOST_CELLS = 20_000; // of a video at first; every k-th frame beyond
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
export const SIZE = { min: 96, max: 480, step: 8 }; // CSS px

const SHOWN = {
  all: () => true,
  prompted: (cell) => cell.masks.some(({ prompted }) => prompted),
  flagged: (cell) => flagsOf(cell).length > 0,
  suspicious: isSuspicious,
};
const LEVELS = { absent: ["absent"], unsure: ["absent", "unsure"], fair: ["absent", "unsure", "fair"], sure: ["sure"] };

/** @param {Cell} cell @param {Filters} filters */
export function isShown(cell, { show, state, score, flag, instance, region }) {
  if (!SHOWN[show](cell)) return false;
  if (state !== "any" && stateOf(cell) !== state) return false;
  if (score !== "any" && !LEVELS[score].includes(confidenceOf(scoreOf(cell)))) return false;
  if (flag !== "any" && !flagsOf(cell).includes(flag)) return false;
  if (instance === "any" && region === "any") return true;
  return cell.masks.some((mask) => (instance === "any" || String(mask.instance_id) === instance) && (region === "any" || mask.region === region));
}

/**
 * The ids of the cells to show, in order. A kept cell is shown, whatever it has become: a person comes back to it.
 * @param {Iterable<Cell>} cells in order @param {Filters} filters @param {string | null} [kept] @returns {string[]}
 */
export function idsShown(cells, filters, kept = null) {
  const shown = [...cells].filter((cell) => cell.id === kept || isShown(cell, filters));
  if (filters.sort === "worst") shown.sort((a, b) => standing(a) - standing(b));
  return shown.map(({ id }) => id);
}

/** Every how many frames to list, so that a long video gives no more cells than one can look through. @param {number} cells */
export const stepFor = (cells) => STEPS.find((step) => cells / step <= MOST_CELLS) ?? STEPS.at(-1);

/** The choices of instance and region that the cells offer. @param {Iterable<Cell>} cells */
export function pairChoices(cells) {
  const [instances, regions] = [new Set(), new Set()];
  for (const { masks } of cells) {
    for (const { instance_id, region } of masks) {
      instances.add(instance_id);
      regions.add(region);
    }
  }
  return { instances: [...instances].sort((a, b) => a - b), regions: [...regions] };
}
