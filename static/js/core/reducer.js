/** One pure case per fact and slice. Server facts carry their wire name; local ones are named in past tense. */

import { ANNOTATION_CASES, ANNOTATIONS_CLOSED } from "./slices/annotations.js";
import { BATCH_CASES, BATCHES_CLOSED } from "./slices/batches.js";
import { EXCHANGE_CASES, EXCHANGE_CLOSED } from "./slices/exchange.js";
import { JOB_CASES, JOBS_CLOSED } from "./slices/jobs.js";
import { leavesVideo } from "./slices/open_video.js";
import { PLAYBACK_CASES, PLAYBACK_CLOSED } from "./slices/playback.js";
import { REPAIR_CASES, REPAIR_CLOSED } from "./slices/repair.js";
import { REGION_RULE_CASES, REGION_RULES_CLOSED } from "./slices/region_rules.js";
import { RUN_HISTORY_CASES, RUN_HISTORY_CLOSED } from "./slices/run_history.js";
import { SESSION_CASES, SESSION_CLOSED } from "./slices/session.js";
import { SUSPICION_CASES, SUSPICION_CLOSED } from "./slices/suspicion.js";
import { TRASH_CASES } from "./slices/trash.js";
import { VIDEO_CASES, VIDEO_CLOSED } from "./slices/video.js";
import { VIEW_CASES } from "./slices/view.js";

/** @import { State } from "./state.js" */

const CASES = {
  session: SESSION_CASES,
  video: VIDEO_CASES,
  annotations: ANNOTATION_CASES,
  playback: PLAYBACK_CASES,
  jobs: JOB_CASES,
  exchange: EXCHANGE_CASES,
  repair: REPAIR_CASES,
  run_history: RUN_HISTORY_CASES,
  suspicion: SUSPICION_CASES,
  region_rules: REGION_RULE_CASES,
  batches: BATCH_CASES,
  trash: TRASH_CASES,
  view: VIEW_CASES,
};
const CLOSED = {
  session: SESSION_CLOSED,
  video: VIDEO_CLOSED,
  annotations: ANNOTATIONS_CLOSED,
  playback: PLAYBACK_CLOSED,
  jobs: JOBS_CLOSED,
  exchange: EXCHANGE_CLOSED,
  repair: REPAIR_CLOSED,
  run_history: RUN_HISTORY_CLOSED,
  suspicion: SUSPICION_CLOSED,
  region_rules: REGION_RULES_CLOSED,
  batches: BATCHES_CLOSED,
  trash: {},
  view: {},
};

/** Every action there is. */
export const ACTION_TYPES = Object.freeze([...new Set(Object.values(CASES).flatMap((cases) => Object.keys(cases)))]);

const KNOWN = new Set(ACTION_TYPES);

/**
 * Apply a fact to each slice that has a case for it; the case also sees the whole state as it was before.
 * An action that leaves the open video first resets the fields that belong to it.
 * @param {State} state
 * @param {import("./store.js").Action} action
 * @returns {State} the very same one if nothing changed
 */
export function reduce(state, action) {
  if (!KNOWN.has(action.type)) throw new Error(`no case for the action ${action.type}`);
  const leaves = leavesVideo(state, action);
  const next = {};
  for (const [name, cases] of Object.entries(CASES)) {
    const slice = leaves ? { ...state[name], ...CLOSED[name] } : state[name];
    next[name] = cases[action.type]?.(slice, action, state) ?? slice;
  }
  const isSame = Object.keys(CASES).every((name) => next[name] === state[name]);
  return isSame ? state : /** @type {State} */ (next);
}
