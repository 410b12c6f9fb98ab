/** Jobs of any kind: cancelled, dismissed, and their end passed on. */

import { runToStop } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function, ended: Record<string, (job: any) => any>}} deps ended: by kind of job */
export function jobCommands({ store, ops, toast, ended }) {
  /** @param {string} job_id */
  const cancelJob = (job_id) => ops.submit("cancel", { job_id });

  /** Show all ended runs, or only the newest again. */
  const showAllJobs = () => store.dispatch({ type: "all_jobs_shown", all: !store.state.jobs.all_shown });

  /** Stop the running propagation, unless another person here started it. @returns {boolean} whether there was one */
  function cancelRun() {
    const job = runToStop(store.state);
    if (!job) return false;
    cancelJob(job.job_id);
    toast({ level: "info", message: "Stopping the run; finished frames are kept." });
    return true;
  }

  const dismissJob = (job_id) => store.dispatch({ type: "job_dismissed", job_id });

  /** React to the end of a job: done, failed or cancelled. @param {any} job */
  const jobEnded = (job) => ended[job.kind]?.(job);

  return { showAllJobs, cancelJob, cancelRun, dismissJob, jobEnded };
}
