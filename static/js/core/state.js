/** The page's state: plain JSON in slices, rebuilt from the server except `view`. */

import { ANNOTATIONS } from "./slices/annotations.js";
import { BATCHES } from "./slices/batches.js";
import { EXCHANGE } from "./slices/exchange.js";
import { JOBS } from "./slices/jobs.js";
import { PLAYBACK } from "./slices/playback.js";
import { REPAIR } from "./slices/repair.js";
import { REGION_RULES } from "./slices/region_rules.js";
import { RUN_HISTORY } from "./slices/run_history.js";
import { SESSION } from "./slices/session.js";
import { SUSPICION } from "./slices/suspicion.js";
import { TRASH } from "./slices/trash.js";
import { VIDEO } from "./slices/video.js";
import { VIEW } from "./slices/view.js";

/** @import { Closed } from "./closed.js" */
/**
 * @typedef {Object} State
 * @property {Closed<typeof SESSION>} session
 * @property {Closed<typeof VIDEO>} video
 * @property {Closed<typeof ANNOTATIONS>} annotations
 * @property {Closed<typeof PLAYBACK>} playback
 * @property {Closed<typeof JOBS>} jobs
 * @property {Closed<typeof EXCHANGE>} exchange
 * @property {Closed<typeof REPAIR>} repair
 * @property {Closed<typeof RUN_HISTORY>} run_history
 * @property {Closed<typeof SUSPICION>} suspicion
 * @property {Closed<typeof REGION_RULES>} region_rules
 * @property {Closed<typeof BATCHES>} batches
 * @property {Closed<typeof TRASH>} trash
 * @property {Closed<typeof VIEW>} view
 */

/** @type {State} */
export const INITIAL_STATE = {
  session: SESSION,
  video: VIDEO,
  annotations: ANNOTATIONS,
  playback: PLAYBACK,
  jobs: JOBS,
  exchange: EXCHANGE,
  repair: REPAIR,
  run_history: RUN_HISTORY,
  suspicion: SUSPICION,
  region_rules: REGION_RULES,
  batches: BATCHES,
  trash: TRASH,
  view: VIEW,
};
