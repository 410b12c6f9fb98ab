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

/** The change of prompts that was made last, and its run under way. @param {State} state */
export function outdating(state) {
  const op = state.annotations.ops.at(-1);
  if (!op || !target(op.event, op.data)?.startsWith("prompts ")) return null;
  const job = runOf(state, op.data.key);
  return job && { key: op.data.key, frame_idx: op.data.frame_idx, pair: pairOfKey(op.data.key), job };
}

/** The request that makes one pair anew, from the changed frame where the run goes over it. @param {any} outdated */
export function restartOf({ key: { instance_id, region }, frame_idx, job: { start, end, direction, approved } }) {
  const from_frame = frame_idx >= start && frame_idx <= end ? frame_idx : null;
  return { pairs: [{ instance_id, region }], start, end, direction, from_frame, approved: approved ?? "keep" };
}
