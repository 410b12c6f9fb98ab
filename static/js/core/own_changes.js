/** Remembers where one's own changes were made, in their order: undo goes to the last one. Approvals are among them. */

import { pairName } from "./pairs.js";

/** @typedef {{frames: number[][], approved: boolean}} Approval */
/** @typedef {{seq: number, instance_id: number, region: string | null, frame_idx: number, approval?: Approval, press?: number}} OwnChange region null: of keypoints */
/** @typedef {{press?: number, step?: {way: "undo" | "redo", seq: number}}} OfApproval press: the same for all ops of one key press; step: takes that op back, or does it again */
/** @typedef {{done: OwnChange[], undone: OwnChange[]}} OwnChanges */

const MOST = 500; // remembered
const NO_SEQ = 0; // of ops they count from 1
const PROMPT_EVENTS = new Set(["add_point", "move_point", "remove_point", "set_box", "set_mask", "clear_frame", "copy_prompts", "copy_mask", "mark_absent"]);
const KEYPOINT_EVENTS = new Set(["add_keypoint", "move_keypoint", "remove_keypoint"]);

/** @type {OwnChanges} */
export const NO_CHANGES = Object.freeze({ done: [], undone: [] });

const isAt = (change, other) =>
  !change.approval && change.instance_id === other.instance_id && change.region === other.region && change.frame_idx === other.frame_idx;

/** Return where an op makes its change, or null. @param {any} op {seq, event, data} @param {Record<number, any[]>} keypoints as known */
function placeOf({ seq, event, data }, keypoints) {
  if (KEYPOINT_EVENTS.has(event)) {
    const known = keypoints[data.instance_id]?.find(({ keypoint_id }) => keypoint_id === data.keypoint_id);
    const frame_idx = data.frame_idx ?? known?.frame_idx;
    return frame_idx === undefined ? null : { seq, instance_id: data.instance_id, region: null, frame_idx };
  }
  const { instance_id, region } = data.key ?? {};
  const frame_idx = data.frame_idx ?? data.frames?.[0][0]; // of several frames any takes all of them back
  return { seq, instance_id, region: data.scope === "keypoints" ? null : region, frame_idx };
}

/** Move the change of an op to the other list. @param {OwnChanges} changes @param {{way: "undo" | "redo", seq: number}} step */
function stepped({ done, undone }, { way, seq }) {
  const [from, to] = way === "undo" ? [done, undone] : [undone, done];
  const at = from.findIndex((change) => change.seq === seq);
  if (at < 0) return { done, undone };
  const [less, more] = [from.toSpliced(at, 1), [...to, from[at]]];
  return way === "undo" ? { done: less, undone: more } : { done: more, undone: less };
}

/** @param {any} op @param {OwnChange} place @returns {OwnChange} */
const approvalOf = ({ data: { frames, approved }, press }, place) => ({ ...place, approval: { frames, approved }, press });

/** Move the newest change at a place from one list to the end of the other. */
function moved(from, to, place) {
  const at = from.findLastIndex((change) => isAt(change, place));
  return at < 0 ? { from, to } : { from: from.toSpliced(at, 1), to: [...to, from[at]] };
}

/** Add the change of one more op. @param {OwnChanges} changes @param {any} op @param {Record<number, any[]>} keypoints @returns {OwnChanges} */
export function changesAfter(changes, op, keypoints) {
  if (op.step) return stepped(changes, op.step);
  const place = placeOf(op, keypoints);
  if (!place) return changes;
  if (op.event === "approve") return { done: [...changes.done, approvalOf(op, place)].slice(-MOST), undone: [] };
  if (op.event === "undo") {
    const { from, to } = moved(changes.done, changes.undone, place);
    return { done: from, undone: to };
  }
  if (op.event === "redo") {
    const { from, to } = moved(changes.undone, changes.done, place);
    return { done: to, undone: from };
  }
  if (!PROMPT_EVENTS.has(op.event) && !KEYPOINT_EVENTS.has(op.event)) return changes;
  return { done: [...changes.done, place].slice(-MOST), undone: [] };
}

/** Add a repair of this window, which no op carried. @param {OwnChanges} changes @param {{instance_id: number, region: string, frame_idx: number}} place @returns {OwnChanges} */
export const changesAfterRepair = ({ done }, { instance_id, region, frame_idx }) => ({
  done: [...done, { seq: NO_SEQ, instance_id, region, frame_idx }].slice(-MOST),
  undone: [],
});

/** Tell if undo, or redo, of an approval would change any mask. @param {OwnChange} change @param {Record<string, Record<number, any>>} masks by pair @param {"undo" | "redo"} way */
export function isOpenApproval({ instance_id, region, approval }, masks, way) {
  const known = masks[pairName(instance_id, region)] ?? {};
  const now = way === "undo" ? approval.approved : !approval.approved;
  return approval.frames.some(([first, last]) => {
    for (let frame_idx = first; frame_idx <= last; frame_idx += 1) if (known[frame_idx] && Boolean(known[frame_idx].approved) === now) return true;
    return false;
  });
}

/** Tell if a frame is one of an approval's. @param {OwnChange} change @param {number | null} frame_idx */
export const coversFrame = ({ approval }, frame_idx) => frame_idx !== null && approval.frames.some(([first, last]) => first <= frame_idx && frame_idx <= last);

/** Approvals that one press made with this one. @param {OwnChange[]} changes @param {OwnChange} change */
export const samePress = (changes, { seq, press }) => changes.filter((other) => other.seq === seq || (press !== undefined && other.press === press));

/** Take out the change of an op that was refused. @param {OwnChanges} changes @param {number} seq @returns {OwnChanges} */
export const withoutChange = ({ done, undone }, seq) => ({
  done: done.filter((change) => change.seq !== seq),
  undone: undone.filter((change) => change.seq !== seq),
});
