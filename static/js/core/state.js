/** The page's state: plain JSON in slices, rebuilt from the server except `view`. */

import { ANNOTATIONS } from "./slices/annotations.js";
import { EXCHANGE } from "./slices/exchange.js";
import { JOBS } from "./slices/jobs.js";
import { PLAYBACK } from "./slices/playback.js";
import { SESSION } from "./slices/session.js";
import { VIDEO } from "./slices/video.js";
import { VIEW } from "./slices/view.js";

/** @typedef {typeof INITIAL_STATE} State */
export const INITIAL_STATE = {
  session: SESSION,
  video: VIDEO,
  annotations: ANNOTATIONS,
  playback: PLAYBACK,
  jobs: JOBS,
  exchange: EXCHANGE,
  view: VIEW,
};
