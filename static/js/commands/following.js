/** Follow: the stage rides with one's own run until the hand moves, and comes back when the run is done. */

import { rideStep } from "../core/ride.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store}} deps */
export function followCommands({ store }) {
  /** The stage stays where it is; the run goes on. */
  function letGo() {
    if (store.state.playback.ride) store.dispatch({ type: "run_let_go" });
  }

  /** Ride with this run, unless the user does not want to. @param {string} job_id */
  function ride(job_id) {
    if (store.state.view.follow) store.dispatch({ type: "run_followed", job_id });
  }

  function toggleFollow() {
    store.dispatch({ type: "follow_changed", follow: !store.state.view.follow });
    if (!store.state.view.follow) letGo();
  }

  store.watch(
    (state) => Object.values(rideStep(state) ?? {}),
    ([frame_idx, ends]) => {
      if (frame_idx === undefined) return;
      queueMicrotask(() => {
        if (!store.state.playback.ride) return;
        if (frame_idx !== null) store.dispatch({ type: "frame_requested", frame_idx });
        if (ends) letGo();
      });
    },
  );

  return { letGo, ride, toggleFollow };
}
