/** Propagation: runs started, resumed, and looked at where they paused. */

import { currentPair } from "../core/selectors.js";
import { splitPair } from "../core/pairs.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any}} deps */
export function runCommands({ store, ops }) {
  const chooseDirection = (direction) => store.dispatch({ type: "direction_chosen", direction });
  const chooseOnGuard = (on_guard) => store.dispatch({ type: "on_guard_chosen", on_guard });
  /** For the next run only. @param {string} on_approved keep, replace */
  const chooseOnApproved = (on_approved) => store.dispatch({ type: "on_approved_chosen", on_approved });
  const chooseScope = (scope) => store.dispatch({ type: "scope_chosen", scope });

  /**
   * Run the selected pair or all pairs.
   * @param {string} [direction] else the chosen one @param {{force?: boolean}} [how] force: unchanged pairs, too
   */
  async function propagate(direction, { force = false } = {}) {
    const video = store.state.video.open;
    const { range } = store.state.playback;
    const { view } = store.state;
    const pair = currentPair(store.state);
    if (!video || !pair) return;
    const pairs = view.scope === "all" ? "all" : [splitPair(pair)];
    const started = start({ pairs, ...range, direction: direction ?? view.direction, force, approved: view.on_approved });
    chooseOnApproved("keep");
    await started;
  }

  /** @param {{pairs: any, start: number | null, end: number | null, direction: string, force?: boolean, approved: string}} run */
  async function start({ pairs, ...range }) {
    const { video_id } = store.state.video.open;
    const fields = { video_id, pairs, force: false, ...range, on_guard: store.state.view.on_guard };
    const { answer } = ops.submit("propagate", fields);
    const ack = await answer;
    if (ack.job_id) queued(ack.job_id, video_id, pairs);
  }

  /** Resume a run after the frame at which it paused. @param {string} job_id */
  function resumeJob(job_id) {
    const { pairs, start: first, end, direction, approved } = store.state.jobs.by_id[job_id];
    const named = pairs.map(({ instance_id, region }) => ({ instance_id, region }));
    return start({ pairs: named, start: first, end, direction, approved: approved ?? "keep" });
  }

  /** Show the frame and pair for which a run paused. @param {string} job_id */
  function showPause(job_id) {
    const { frame_idx, pairs } = store.state.jobs.by_id[job_id].paused;
    store.dispatch({ type: "pair_selected", ...pairs[0] });
    store.dispatch({ type: "frame_requested", frame_idx });
  }

  /** Shown from the answer on, unless its progress was faster. */
  function queued(job_id, video_id, pairs) {
    if (store.state.jobs.by_id[job_id]) return;
    const { client_id } = store.state.session;
    const job = { job_id, client_id, kind: "propagate", state: "queued", done: 0, total: 0, eta_s: null };
    store.dispatch({ type: "job_progress", ...job, video_id, pairs });
  }

  /** Run the pairs that were left out because nothing changed. @param {any} run the fields that were refused */
  const runAnyway = ({ video_id, ...run }) =>
    video_id === store.state.video.open?.video_id && start({ ...run, force: true });

  return { chooseDirection, chooseScope, chooseOnGuard, chooseOnApproved, propagate, resumeJob, showPause, runAnyway };
}
