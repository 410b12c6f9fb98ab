/** A cell in words, for its caption, its tooltip and screen readers. */

import { confidenceWords } from "../confidence.js";
import { flagWords } from "../flags.js";
import { titleOf } from "../instance_names.js";
import { flagsOf, scoreOf, stateOf } from "./cells.js";

/** @import { Cell, CellVideo } from "./cells.js" */

export const REASONS = ["Wrong object", "A part is missing", "Too much is covered", "Ragged edge", "Object is lost"];

const STATES = { waiting: "to look at", approved: "approved", rejected: "redo", missing: "no mask" };

/** "frame 12", or "17 · name". @param {Cell} cell @param {CellVideo | undefined} video */
export const cellTitle = ({ item, frame_idx }, video) => (item ? `${item} · ${video?.name ?? ""}` : `Frame ${frame_idx}`);

/** "1 shaft", or how many masks the frame of an item has. @param {Cell} cell */
export function pairsOf({ item, masks }) {
  if (!item) return masks.map(({ instance_id, region }) => `${instance_id} ${region}`).join(", ");
  const there = masks.filter(({ state }) => state !== "missing").length;
  return there === 1 ? "1 mask" : `${there} masks`;
}

/** "redo: wrong object". @param {Cell} cell */
export function stateWords(cell) {
  const state = stateOf(cell);
  const reasons = state === "rejected" ? [...new Set(cell.masks.map(({ reason }) => reason).filter(Boolean))] : [];
  return reasons.length ? `${STATES[state]}: ${reasons.join(", ")}` : STATES[state];
}

/** Return what is to be said of a mask beside its state: flags, score, stale. @param {Cell} cell */
export function remarks(cell) {
  const score = scoreOf(cell);
  return [
    ...flagsOf(cell).map(flagWords),
    cell.masks.some(({ absent }) => absent) && "marked absent",
    cell.masks.some(({ stale }) => stale) && "stale",
    cell.masks.some(({ prompted }) => prompted) && "with prompts",
    score !== null && confidenceWords(score),
  ].filter(Boolean);
}

/** Describe a cell in one line. @param {Cell} cell @param {CellVideo | undefined} video */
export const cellWords = (cell, video) => [cellTitle(cell, video), pairsOf(cell), stateWords(cell), ...remarks(cell)].filter(Boolean).join(", ");

/** "2 · tool", by the first video that names the instance. @param {number} instance_id @param {Map<string, CellVideo>} videos */
export function instanceTitle(instance_id, videos) {
  for (const { instances } of videos.values()) {
    const found = instances.find((listed) => listed.instance_id === instance_id);
    if (found) return titleOf(found);
  }
  return String(instance_id);
}
