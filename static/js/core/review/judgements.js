/** Turns "approve these cells" into the fewest requests: spans of frames for each pair. */

import { spansOf } from "../approvals.js";
import { pairOfKey } from "../pairs.js";

/** @import { Cell, CellMask } from "./cells.js" */
/**
 * @typedef {{state: string, reason: string | null}} Judgement  state: approved, rejected or waiting, which is neither
 * @typedef {{key: import("../wire.js").Key, frames: number[][], judgement: Judgement, was: string}} Request  was: the state before
 */

const isAlike = (mask, { state, reason }) => mask.state === state && (state !== "rejected" || (mask.reason ?? "") === (reason ?? ""));

/**
 * The requests that judge the masks of cells; masks that are so already, or are missing, need none.
 * @param {Cell[]} cells @param {(mask: CellMask, cell: Cell) => Judgement} judgementOf @returns {Request[]}
 */
export function requestsFor(cells, judgementOf) {
  const groups = new Map();
  for (const cell of cells) {
    const { video_id, frame_idx, masks } = cell;
    for (const mask of masks) {
      const judgement = judgementOf(mask, cell);
      if (mask.state === "missing" || isAlike(mask, judgement)) continue;
      const key = { video_id, instance_id: mask.instance_id, region: mask.region };
      const name = [video_id, pairOfKey(key), mask.state, judgement.state, judgement.reason].join("\n");
      const group = groups.get(name) ?? { key, frames: [], judgement, was: mask.state };
      group.frames.push(frame_idx);
      groups.set(name, group);
    }
  }
  return [...groups.values()].map((group) => ({ ...group, frames: spansOf([...new Set(group.frames)].sort((a, b) => a - b)) }));
}

/** The body of a request. @param {Request} request */
export function bodyOf({ frames, judgement: { state, reason }, was }) {
  if (state === "approved") return { frames, approved: true };
  if (state === "rejected") return { frames, rejected: true, reason: reason ?? "" };
  return was === "approved" ? { frames, approved: false } : { frames, rejected: false };
}

/** Return what a press of the key for `state` does to cells: that, or, where all are so already, neither. @param {Cell[]} cells @param {string} state */
export function toggled(cells, state) {
  const masks = cells.flatMap((cell) => cell.masks).filter((mask) => mask.state !== "missing");
  return masks.length > 0 && masks.every((mask) => mask.state === state) ? "waiting" : state;
}
