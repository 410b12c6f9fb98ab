/** Warns of what an export would lack: masks of frames, masks that follow from the prompts, those of a run that goes on. */

import { counted } from "./format.js";
import { isActive } from "./jobs.js";
import { extentOf, NO_RANGE } from "./range.js";
import { pairsMeant } from "./exports.js";

/** @import { State } from "./state.js" */
/** @import { Wishes } from "./exports.js" */

/** @param {State} state @param {Wishes} wishes @param {string | null} selected the selected pair @returns {string[]} sentences */
export function exportWarnings(state, wishes, selected) {
  const pairs = pairsMeant(state, state.exchange.exporting, selected).filter((pair) => countOf(state.annotations.masks[pair]));
  const range = state.exchange.exporting.frames === "range" ? state.playback.range : NO_RANGE;
  const extent = extentOf(range, state.video.open.num_frames);
  return [runWords(state), missingWords(state, pairs, extent), wishes.stale === "keep" && staleWords(state, pairs, extent)].filter(Boolean);
}

const countOf = (record) => Object.keys(record ?? {}).length;

const runWords = ({ jobs }) =>
  Object.values(jobs.by_id).some((job) => job.kind === "propagate" && isActive(job)) && "A run is still going: the masks that it has yet to make are not in the export.";

/** The masks of a pair inside the extent. */
const inside = ({ annotations }, pair, { first, last }) =>
  Object.entries(annotations.masks[pair]).filter(([frame_idx]) => Number(frame_idx) >= first && Number(frame_idx) <= last);

function missingWords(state, pairs, extent) {
  const frames = extent.last - extent.first + 1;
  const lacking = pairs.map((pair) => ({ pair, missing: frames - inside(state, pair, extent).length })).filter(({ missing }) => missing);
  if (!lacking.length) return "";
  const total = lacking.reduce((sum, { missing }) => sum + missing, 0);
  const whose = lacking.length === 1 ? lacking[0].pair.replace("/", " ") : `${lacking.length} pairs together`;
  return `${counted(total, "frame")} of ${whose} ${total === 1 ? "has" : "have"} no mask.`;
}

function staleWords(state, pairs, extent) {
  const stale = pairs.flatMap((pair) => inside(state, pair, extent)).filter(([, mask]) => mask.stale).length;
  return stale ? `${counted(stale, "mask")} ${stale === 1 ? "is" : "are"} stale: the prompts or the model changed since.` : "";
}
