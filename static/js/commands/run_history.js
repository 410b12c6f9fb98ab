/** The runs of the open video: listed, taken back, and compared with what was before them. */

import { counted } from "../core/format.js";
import { pairName, splitPair } from "../core/pairs.js";
import { extentOf, isSet } from "../core/range.js";
import { isRebuild, runHere } from "../core/run_history.js";
import { currentPair, selectedFrame } from "../core/selectors.js";
import * as api from "../net/api.js";
import { rebuildCommands } from "./rebuilds.js";
import { answersInOrder } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

/**
 * @param {{store: Store, toast: Function, ops: any, later: (ms: number, callback: () => void) => void,
 *   showBefore: (place: any, png: Blob | null) => Promise<void>, watchRepair: (job_id: string) => void}} deps
 *   showBefore: keeps the mask that was before at a place, to be drawn; null: none
 */
export function runHistoryCommands({ store, toast, ops, later, showBefore, watchRepair }) {
  const set = (type, fields = {}) => store.dispatch({ type, ...fields });
  const video = () => store.state.video.open?.video_id ?? null;
  const inOrder = answersInOrder();
  let newest = 0; // mask before: an older answer is dropped

  async function showRuns() {
    if (video() === null) return;
    set("dialog_changed", { dialog: "runs" });
    await readRuns();
  }

  async function readRuns() {
    const video_id = video();
    try {
      const answer = await inOrder(() => api.listRuns(video_id));
      if (answer && video() === video_id) set("runs_listed", { list: answer.runs, bytes: answer.bytes });
    } catch (error) {
      if (store.state.view.dialog !== "runs") throw error;
      set("runs_failed", { error: { message: error.message, hint: error.hint } });
    }
  }

  /** The marked range of the selected pair, or all frames of it; null without a pair. */
  function partHere() {
    const pair = currentPair(store.state);
    const { open } = store.state.video;
    if (!open || !pair) return null;
    const { first, last } = extentOf(store.state.playback.range, open.num_frames);
    return { pairs: [splitPair(pair)], start: first, end: last };
  }

  /** Take a run back. @param {number} run @param {any} [part] pairs and frames; without it all that the run made */
  async function rollBack(run, part = {}) {
    const video_id = video();
    const answer = await api.rollBack(video_id, run, part);
    if (answer.undo_at) set("repaired", { place: answer.undo_at });
    const { frame_idx, ...pair } = answer.undo_at ?? {};
    const undo = answer.undo_at && { action: "undoAt", args: [{ key: { video_id, ...pair }, frame_idx }] };
    const message = answer.rev === null ? `Run ${run} is being taken back.` : `Run ${run} taken back on ${counted(answer.frames, "frame")}.`;
    toast({ level: "success", message, hint: answer.notes.join(" "), ms: 9000, ...undo });
    if (store.state.view.dialog === "runs") await readRuns();
  }

  /** Take a run back from the list; what speaks against it is said there. @param {number} run @param {any} [part] */
  async function rollBackListed(run, part) {
    try {
      await rollBack(run, part);
    } catch (error) {
      if (store.state.view.dialog !== "runs") throw error;
      set("runs_failed", { error: { message: error.message, hint: error.hint } });
    }
  }

  /** The selected pair alone, in the marked range. @param {number} run */
  const rollBackHere = (run) => rollBackListed(run, partHere() ?? {});

  /** Compare a run with what was before it. @param {number} run */
  async function compareRun(run) {
    const { pairs } = await api.compareRun(video(), run);
    const ious = Object.fromEntries(pairs.map(({ instance_id, region, ious: rows }) => [pairName(instance_id, region), Object.fromEntries(rows)]));
    set("run_compared", { run, ious });
    if (store.state.view.dialog === "runs") set("dialog_changed", { dialog: null });
  }

  /** Compare the newest run that replaced masks of the selected pair; again: no longer. */
  async function toggleCompare() {
    if (store.state.run_history.compared !== null) return stopComparing();
    if (video() === null) return;
    await readRuns();
    const pair = currentPair(store.state);
    const found = (store.state.run_history.list ?? []).find(
      ({ replaced, dropped, pairs }) => replaced > dropped && pairs.some(({ instance_id, region }) => pairName(instance_id, region) === pair),
    );
    if (found) return compareRun(found.run);
    toast({ level: "info", message: "No run replaced masks of this pair.", hint: "A run over frames that have masks is compared with them." });
  }

  const stopComparing = () => set("run_compared", { run: null, ious: {} });

  /** Draw the mask before in the place of this one; again, or on release: this one. */
  function flicker() {
    set("flickered", { flicker: !store.state.run_history.flicker });
  }

  /** Take the run back in the marked range, or on this frame; leave a rebuild as it is. */
  async function keepOld() {
    if (isRebuild(store.state.run_history.compared)) return stopComparing();
    const run = runHere(store.state);
    const span = spanHere();
    if (run === null || isRebuild(run) || !span) return;
    await rollBack(run, { pairs: [splitPair(currentPair(store.state))], start: span[0], end: span[1] });
  }

  /** Approve what the run made in the marked range, or on this frame; take over what a rebuild made. */
  async function keepNew() {
    if (isRebuild(store.state.run_history.compared)) return rebuilds.takeRebuild();
    const here = selectedFrame(store.state);
    const span = spanHere();
    if (!here || !span) return;
    const ack = await ops.submit("approve", { key: here.key, frames: [span], approved: true }).answer;
    const changes = [{ key: here.key, frames: ack.frames, count: ack.count }];
    if (ack.count) toast({ level: "success", message: `${counted(ack.count, "new mask")} approved.`, action: "unapprove", args: [changes] });
  }

  function spanHere() {
    const here = selectedFrame(store.state);
    if (!here) return null;
    if (!isSet(store.state.playback.range)) return [here.frame_idx, here.frame_idx];
    const { first, last } = extentOf(store.state.playback.range, store.state.video.open.num_frames);
    return [first, last];
  }

  /** Read the mask before on the frame on screen, while it is compared. */
  async function readBefore() {
    const asked = (newest += 1);
    const { compared, flicker: held } = store.state.run_history;
    const here = selectedFrame(store.state);
    const run = runHere(store.state);
    const pair = currentPair(store.state);
    if ((compared === null && !held) || !here || run === null) return forgetBefore();
    const place = { ...here.key, frame_idx: here.frame_idx };
    const asking = isRebuild(run) ? api.getRebuilt(place, run) : api.getBefore(place, run);
    const png = await asking.catch(() => null); // there is none, or offline
    if (asked !== newest) return;
    if (!png) return forgetBefore();
    await showBefore(place, png);
    if (asked === newest) set("before_shown", { before: { pair, frame_idx: here.frame_idx, run } });
  }

  async function forgetBefore() {
    await showBefore(null, null);
    if (store.state.run_history.before) set("before_shown", { before: null });
  }

  const wanted = ({ run_history, playback }) => [run_history.compared, run_history.flicker, playback.drawn_idx];
  store.watch((state) => [...wanted(state), currentPair(state), runHere(state)], () => later(0, readBefore));
  const rebuilds = rebuildCommands({ store, toast, later, watchRepair, stopComparing });
  return { ...rebuilds, showRuns, rollBackListed, rollBackHere, compareRun, toggleCompare, stopComparing, flicker, keepOld, keepNew };
}
