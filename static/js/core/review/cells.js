/** Cells of a review: one frame of one pair of a video, or the first prompted frame of an item of a batch. */

import { confidenceOf, isDoubtful } from "../confidence.js";
import { pairName } from "../pairs.js";

/**
 * @typedef {{instance_id: number, region: string, state: string, prompted: boolean, rev?: number, score?: number | null,
 *   flags?: string[], stale?: boolean, absent?: boolean, reason?: string | null}} CellMask  rev: missing without a mask
 * @typedef {{id: string, video_id: string, item: number | null, frame_idx: number, masks: CellMask[]}} Cell
 * @typedef {{video_id: string, name: string, num_frames: number, width: number, height: number, instances: any[],
 *   item?: number, item_state?: string, error?: any}} CellVideo
 */

/** @param {{item?: number, video_id: string, frame_idx: number, instance_id: number | null, region: string | null}} row of the server's list */
export const cellId = ({ item, frame_idx, instance_id, region }) => (item ? `item/${item}` : `${frame_idx}/${pairName(instance_id, region)}`);

/** Turn rows of the server's list into cells; rows of one item are one cell. @param {any[]} rows @returns {Cell[]} */
export function cellsOf(rows) {
  const cells = new Map();
  for (const row of rows) {
    const id = cellId(row);
    const { item = null, video_id, frame_idx } = row;
    const cell = cells.get(id) ?? { id, video_id, item, frame_idx, masks: [] };
    if (row.instance_id !== null) cell.masks.push(maskOf(row));
    cells.set(id, cell);
  }
  return [...cells.values()];
}

const maskOf = ({ instance_id, region, state, prompted, rev, score = null, flags = [], stale = false, absent = false, reason = null }) => ({
  instance_id, region, state, prompted, rev, score, flags, stale, absent, reason,
});

const WORST_FIRST = ["rejected", "waiting", "approved"];

/** The state of a cell: the first in this order that any of its masks is in; missing only if all masks are. @param {Cell} cell */
export function stateOf({ masks }) {
  const found = new Set(masks.map(({ state }) => state));
  return WORST_FIRST.find((state) => found.has(state)) ?? "missing";
}

/** The least score of a cell's masks, or null. @param {Cell} cell @returns {number | null} */
export function scoreOf({ masks }) {
  const scores = masks.map(({ score }) => score).filter((score) => score !== null && score !== undefined);
  return scores.length ? Math.min(...scores) : null;
}

/** @param {Cell} cell @returns {string[]} */
export const flagsOf = ({ masks }) => [...new Set(masks.flatMap(({ flags }) => flags ?? []))];

/** Tell if a person should look: flagged, unsure or stale, and not judged yet. @param {Cell} cell */
export const isSuspicious = (cell) => cell.masks.some(isSuspiciousMask);

/** @param {CellMask} mask */
const isSuspiciousMask = ({ state, flags, score, stale, absent }) =>
  state === "waiting" && !absent && (Boolean(flags?.length) || Boolean(stale) || isDoubtful(confidenceOf(score)));

/** Return where a cell stands when the worst come first: less is worse. @param {Cell} cell @returns {number} */
export function standing(cell) {
  const state = stateOf(cell);
  if (state === "approved") return 4e6;
  if (state === "rejected") return 3e6; // judged, as the approved ones
  if (state === "missing") return 2e6;
  const flagged = flagsOf(cell).length ? -1e6 : 0;
  const stale = cell.masks.some((mask) => mask.stale) ? -10 : 0;
  return flagged + stale + (scoreOf(cell) ?? 1e3);
}

/** Numbers above the grid. @param {Iterable<Cell>} cells */
export function numbersOf(cells) {
  const numbers = { cells: 0, approved: 0, rejected: 0, waiting: 0, missing: 0 };
  for (const cell of cells) {
    numbers.cells += 1;
    numbers[stateOf(cell)] += 1;
  }
  return numbers;
}

/** A cell with some of its masks changed. @param {Cell} cell @param {(mask: CellMask) => boolean} isMeant @param {Partial<CellMask>} facts @returns {Cell} */
export const withMask = (cell, isMeant, facts) => ({ ...cell, masks: cell.masks.map((mask) => (isMeant(mask) ? { ...mask, ...facts } : mask)) });

/** The mask of a pair in a cell. @param {{instance_id: number, region: string}} key @returns {(mask: CellMask) => boolean} */
export const ofPair = ({ instance_id, region }) => (mask) => mask.instance_id === instance_id && mask.region === region;
