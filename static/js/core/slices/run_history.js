/** The runs and rebuilds of the open video as listed last, and the one that is compared with the masks of now. */

import { pairOfKey } from "../pairs.js";

/**
 * @typedef {{run: number, job_id: string, state: string, created_at: number, client: string | null, pairs: {instance_id: number, region: string}[],
 *   start: number, end: number, direction: string, mode: string, from_frame: number | null, model: string | null, prompts: number, took_s: number | null,
 *   frames: number, made: number | null, kept: number | null, replaced: number, restorable: number, dropped: number, rolled_back: boolean}} Run
 *   created_at: in seconds since 1970
 * @typedef {{pair: string, frame_idx: number, run: number | string}} Before  the mask before a run, or of a rebuild, that is at hand
 * @typedef {{rebuild_id: string, model: string, created_at: number,
 *   pairs: {instance_id: number, region: string, compared: number, mean_iou: number | null, min_iou: number | null}[]}} Rebuild
 */

export const RUN_HISTORY = {
  /** @type {Run[] | null} */ list: null,
  bytes: 0, // of all masks kept to roll runs back
  /** @type {{message: string, hint?: string} | null} */ error: null,
  /** @type {Rebuild[] | null} */ rebuilds: null, // complete ones
  /** @type {number | string | null} */ compared: null, // a run, or the id of a rebuild
  /** @type {Record<string, Record<number, number>>} */ ious: {}, // before against after, by pair and frame
  /** @type {Before | null} */ before: null,
  flicker: false, // the mask before is drawn in the place of the one of now
};

/** The fields that start anew with another video. */
export const RUN_HISTORY_CLOSED = RUN_HISTORY;

/** A case that stores the fields of its action as they are. */
const stored = (runs, { type, ...fields }) => ({ ...runs, ...fields });

/** Compare no longer a mask that changed. */
const maskChanged = (runs, { key, frame_idx }) =>
  runs.before && runs.before.pair === pairOfKey(key) && runs.before.frame_idx === frame_idx ? { ...runs, before: null } : runs;

/** @type {Record<string, import("./open_video.js").Case<typeof RUN_HISTORY>>} */
export const RUN_HISTORY_CASES = {
  runs_listed: (runs, { list, bytes }) => ({ ...runs, list, bytes, error: null }),
  runs_failed: stored,
  rebuilds_listed: stored,
  run_compared: (runs, { run, ious }) => ({ ...runs, compared: run, ious, before: null }),
  before_shown: stored,
  flickered: stored,
  mask_deleted: maskChanged,
};
