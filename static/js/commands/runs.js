/** Propagation: runs started, resumed, and looked at where they paused. */

import { brokenWords } from "../core/broken_video.js";
import { currentPair } from "../core/selectors.js";
import { splitPair } from "../core/pairs.js";
import { extentOf, NO_RANGE } from "../core/range.js";
import { fillCommands } from "./fills.js";
import { restartRuns } from "./restarting.js";
import { retrackCorrections } from "./retracking.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function, ride: (job_id: string) => void, later: (ms: number, callback: () => void) => void}} deps */
export function runCommands({ store, ops, toast, ride, later }) {
  const chooseDirection = (direction) => store.dispatch({ type: "direction_chosen", direction });
  const chooseOnGuard = (on_guard) => store.dispatch({ type: "on_guard_chosen", on_guard });
  /** For the next run only. @param {string} on_approved keep, replace */
  const chooseOnApproved = (on_approved) => store.dispatch({ type: "on_approved_chosen", on_approved });
  const chooseScope = (scope) => store.dispatch({ type: "scope_chosen", scope });
  const toggleScope = () => chooseScope(store.state.view.scope === "all" ? "current" : "all");

  /**
   * Run the selected pair or all pairs; without a direction only what corrections can have changed.
   * @param {string} [direction] else the chosen one
   * @param {{force?: boolean, scope?: string, from_frame?: number | null, mode?: string}} [how] force: unchanged pairs, too;
   *   scope: else the chosen one; from_frame: where it begins, else at the first prompts; mode: full, stretch
   */
  async function propagate(direction, { force = false, scope = store.state.view.scope, from_frame = null, mode } = {}) {
    const video = store.state.video.open;
    const { view } = store.state;
    const pair = currentPair(store.state);
    if (!video || !pair) return;
    const broken = brokenWords(store.state);
    if (broken) return void toast({ level: "info", ...broken });
    const pairs = scope === "all" ? "all" : [splitPair(pair)];
    const reach = { ...reachOf(from_frame), from_frame, direction: direction ?? view.direction };
    const asks_for_all = direction || force || from_frame !== null || view.on_approved === "replace";
    const how_much = mode ?? (asks_for_all ? "full" : "stretch");
    const started = startRun({ pairs, ...reach, force, approved: view.on_approved, mode: how_much });
    chooseOnApproved("keep");
    await started;
  }

  /** Run these pairs in the chosen direction. @param {[number, string][]} pairs */
  function runPairs(pairs) {
    const named = pairs.map(([instance_id, region]) => ({ instance_id, region }));
    const { direction, on_approved } = store.state.view;
    return startRun({ pairs: named, ...NO_RANGE, from_frame: null, direction, approved: on_approved });
  }

  const propagateAll = () => propagate(undefined, { scope: "all" });

  /** Track every frame anew, in the chosen direction. */
  const propagateFull = () => propagate(undefined, { mode: "full" });

  /** Run from the frame on screen on. @param {string} [direction] else the chosen one */
  const runFromHere = (direction) => propagate(direction, { from_frame: store.state.playback.frame_idx });

  /** The marked range, if the frame lies in it; else the whole video. @param {number | null} from_frame */
  function reachOf(from_frame) {
    const { range } = store.state.playback;
    const { first, last } = extentOf(range, store.state.video.open.num_frames);
    return from_frame === null || (from_frame >= first && from_frame <= last) ? range : NO_RANGE;
  }

  /** Start one and ride with it. @param {any} run */
  async function startRun(run) {
    const job_id = await start(run);
    if (job_id) ride(job_id);
  }

  /**
   * @param {{pairs: any, start: number | null, end: number | null, direction: string, from_frame: number | null, force?: boolean, approved: string, mode: string}} run
   * @returns {Promise<string | undefined>} its job_id, unless it was refused
   */
  async function start({ pairs, ...reach }) {
    const { video_id } = store.state.video.open;
    const fields = { video_id, pairs, force: false, ...reach, on_guard: store.state.view.on_guard };
    const { answer } = ops.submit("propagate", fields);
    const ack = await answer;
    if (ack.job_id) queued(ack.job_id, video_id, pairs);
    return ack.job_id;
  }

  /** Resume a run after the frame at which it paused. @param {string} job_id */
  function resumeJob(job_id) {
    const { pairs, start: first, end, direction, approved, from_frame = null, mode } = store.state.jobs.by_id[job_id];
    const named = pairs.map(({ instance_id, region }) => ({ instance_id, region }));
    return startRun({ pairs: named, start: first, end, direction, from_frame, approved: approved ?? "keep", mode: mode ?? "full" });
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
    video_id === store.state.video.open?.video_id && startRun({ ...run, force: true });

  restartRuns({ store, toast, start, later });
  retrackCorrections({ store, start, later });
  return {
    chooseDirection, chooseScope, toggleScope, chooseOnGuard, chooseOnApproved, propagate, propagateAll, propagateFull, runPairs, runFromHere,
    resumeJob, showPause, runAnyway, ...fillCommands({ store, ops, toast, startRun }),
  };
}
