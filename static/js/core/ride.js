/** Says where the stage goes next while it rides with a run. */

import { isActive } from "./jobs.js";

/** @import { State } from "./state.js" */

/**
 * The frame to show, null: none yet, and whether the ride ends there. A run that is done brings the stage back to
 * where it was; one that was stopped or paused leaves it there. The next frame waits until the last one is drawn.
 * @param {State} state @returns {{frame_idx: number | null, ends: boolean} | null}
 */
export function rideStep({ playback, jobs }) {
  const { ride, drawn_idx, frame_idx } = playback;
  const job = ride && jobs.by_id[ride.job_id];
  if (!job) return null;
  if (!isActive(job)) return { frame_idx: job.state === "done" ? ride.from : (job.paused?.frame_idx ?? null), ends: true };
  const newest = job.frame_idx ?? null;
  return drawn_idx !== frame_idx || newest === null || newest === frame_idx ? null : { frame_idx: newest, ends: false };
}
