/** Long work of the server: runs, exports, imports, downloads of models. */

import { sharePair } from "../flags.js";
import { isActive } from "../jobs.js";
import { isOpen } from "./open_video.js";

/** @import { State } from "../state.js" */
/** @import { Job } from "../wire.js" */

export const JOBS = {
  /** @type {Record<string, Job>} */ by_id: {},
  all_shown: false, // older runs, too
};

/** The fields that start anew with another video. */
export const JOBS_CLOSED = { by_id: JOBS.by_id };

/** Listed jobs; only the page knows which of them ended while it watched. */
const listed = (known, jobs) =>
  Object.fromEntries((jobs ?? []).map((job) => [job.job_id, known[job.job_id]?.ended ? { ...job, ended: true } : job]));

/** Show jobs as queued while there is no session process; the next list of jobs tells how they went on. */
function hostChanged(jobs, action, state) {
  if ((action.state ?? state.session.host.state) === "ready") return jobs;
  const held = (job) => (isActive(job) ? { ...job, state: "queued", position: null, eta_s: null } : job);
  return { ...jobs, by_id: Object.fromEntries(Object.entries(jobs.by_id).map(([job_id, job]) => [job_id, held(job)])) };
}

/** @param {typeof JOBS} jobs @param {any} action @param {State} state */
function jobChanged(jobs, { type, ...job }, state) {
  if (job.video_id && !isOpen(state, job.video_id)) return jobs;
  const known = jobs.by_id[job.job_id];
  const others = known || job.kind !== "propagate" ? jobs.by_id : withoutPaused(jobs.by_id, job);
  return { ...jobs, by_id: { ...others, [job.job_id]: { ...known, ...job } } };
}

/** A new run goes on where one of its pairs paused, or takes its place. */
const withoutPaused = (by_id, { pairs }) =>
  Object.fromEntries(Object.entries(by_id).filter(([, job]) => !job.paused || !sharePair(job.pairs, pairs)));

function dismissed(jobs, { job_id }) {
  const { [job_id]: gone, ...by_id } = jobs.by_id;
  return gone ? { ...jobs, by_id } : jobs;
}

/** @type {Record<string, import("./open_video.js").Case<typeof JOBS>>} */
export const JOB_CASES = {
  video_opened: (jobs, { ack }, state) => ({
    ...jobs,
    by_id: listed(isOpen(state, ack.video.video_id) ? jobs.by_id : {}, ack.jobs),
  }),
  host_state: hostChanged,
  job_progress: jobChanged,
  job_ended: (jobs, job, state) => jobChanged(jobs, { ...job, ended: true }, state),
  job_dismissed: dismissed,
  all_jobs_shown: (jobs, { all }) => ({ ...jobs, all_shown: all }),
};
