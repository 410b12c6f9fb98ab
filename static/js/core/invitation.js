/** The invitation to a model for real footage, while the demo model is in use on a video of one's own. */

import { modelRows } from "./model_rows.js";

/** @import { State } from "./state.js" */

/** Tell if the demo model is at work on footage it was not made for, and the user was not told yet. @param {State} state */
export const isInvited = ({ session, video, view }) =>
  Boolean(session.model?.demo) && session.model?.state !== "failed" && video.open !== null && video.open.state !== "failed" && !video.open.demo && !view.demo_known;

/** The models to offer, as rows of the model menu; empty where nothing is to be offered. @param {State} state */
export const offeredModels = (state) =>
  isInvited(state) ? modelRows(state.session.models, state.jobs.by_id).filter(({ demo }) => !demo) : [];
