/** Finds the run that a change of prompts makes outdated while it is under way. */

import { target } from "./ops.js";
import { pairOfKey } from "./pairs.js";
import { sharePair } from "./flags.js";

/** @import { State } from "./state.js" */
/** @import { Job } from "./wire.js" */

/** One's own run of a pair that has begun. @param {State} state @param {any} key @returns {Job | null} */
export function runOf({ jobs, session }, { instance_id, region }) {
  const runs = Object.values(jobs.by_id).filter(({ kind, state, client_id, pairs }) =>
    kind === "propagate" && state === "running" && client_id === session.client_id && sharePair(pairs, [{ instance_id, region }]),
  );
  return runs.at(-1) ?? null;
}

/**
 * The pair that a correction left stale, with the direction of its last run; null while a run is under way, or without masks of one.
 * @param {State} state
 */
export function correctedPair(state) {
  const op = state.annotations.ops.at(-1);
  if (!op || !target(op.event, op.data)?.startsWith("prompts ")) return null;
  const pair = pairOfKey(op.data.key);
  const made = Object.values(state.annotations.masks[pair] ?? {}).some(({ run = null }) => run !== null);
  const { instance_id, region, video_id } = op.data.key;
  const runs = Object.values(state.jobs.by_id).filter((job) => job.kind === "propagate" && job.video_id === video_id && sharePair(job.pairs, [{ instance_id, region }]));
  if (!made || runs.some(({ state: name }) => name === "running" || name === "queued")) return null;
  const direction = runs.filter(({ state: name }) => name === "done").at(-1)?.direction ?? state.view.direction;
  return { video_id, pair, pairs: [{ instance_id, region }], direction };
}

/** The change of prompts that was made last, and its run under way. @param {State} state */
export function outdating(state) {
  const op = state.annotations.ops.at(-1);
  if (!op || !target(op.event, op.data)?.startsWith("prompts ")) return null;
  const job = runOf(state, op.data.key);
  return job && { key: op.data.key, frame_idx: op.data.frame_idx, pair: pairOfKey(op.data.key), job };
}

/** The request that makes one pair anew, from the changed frame where the run goes over it. @param {any} outdated */
export function restartOf({ key: { instance_id, region }, frame_idx, job: { start, end, direction, approved, mode } }) {
  const own = mode === "stretch" || mode === "fill"; // it begins at the corrections, or at prompted frames
  const from_frame = !own && frame_idx >= start && frame_idx <= end ? frame_idx : null;
  return { pairs: [{ instance_id, region }], start, end, direction, from_frame, approved: approved ?? "keep", mode: own ? mode : "full" };
}
