/** Ops applied in the page before the server confirms them: the only optimism there is. */

import { counted } from "./format.js";
import { pairOfKey } from "./pairs.js";

/** @typedef {import("./slices/annotations.js").Op} Op */
/** @typedef {import("./wire.js").FramePrompt} FramePrompt */
/** @typedef {import("./wire.js").Keypoint} Keypoint */

const PROMPT_EVENTS = new Set(["add_point", "move_point", "remove_point", "set_box", "set_mask", "clear_frame", "copy_prompts", "copy_mask"]);
const KEYPOINT_EVENTS = new Set(["add_keypoint", "move_keypoint", "remove_keypoint"]);
const HISTORY_EVENTS = new Set(["undo", "redo"]);
const EMPTY = { points: [], box: null };

/** Name of what the op changes ("prompts 1/shaft 12", "keypoints 1"), or null if nothing on a frame. */
export function target(event, data) {
  if (KEYPOINT_EVENTS.has(event)) return `keypoints ${data.instance_id}`;
  if (HISTORY_EVENTS.has(event) && data.scope === "keypoints") {
    return `keypoints ${data.key.instance_id}`;
  }
  if (PROMPT_EVENTS.has(event) || HISTORY_EVENTS.has(event)) {
    return promptTarget(pairOfKey(data.key), data.frame_idx);
  }
  return null;
}

/** "2 changes and 1 run": what one's own ops ask for. @param {{event: string}[]} ops */
export function opsWords(ops) {
  const runs = ops.filter(({ event }) => event === "propagate").length;
  const changes = ops.filter(({ event }) => event !== "propagate" && event !== "cancel").length;
  return [changes && counted(changes, "change"), runs && counted(runs, "run")].filter(Boolean).join(" and ");
}

/** @param {string} pair @param {number} frame_idx */
export const promptTarget = (pair, frame_idx) => `prompts ${pair} ${frame_idx}`;

/** @param {number} instance_id */
export const keypointTarget = (instance_id) => `keypoints ${instance_id}`;

/** Ops on the target that the server's state does not show yet. @param {Op[]} ops @param {string} name */
export const unseen = (ops, name) => ops.filter((op) => !op.seen && target(op.event, op.data) === name);

const APPLY_PROMPT = {
  add_point: (prompt, { x, y, label }) => ({
    ...prompt,
    points: [...prompt.points, { x, y, label, pending: true }],
  }),
  move_point: (prompt, { point_idx, x, y }) => ({
    ...prompt,
    points: prompt.points.map((point, i) => (i === point_idx ? { ...point, x, y, pending: true } : point)),
  }),
  remove_point: (prompt, { point_idx }) => ({
    ...prompt,
    points: prompt.points.filter((_, i) => i !== point_idx),
  }),
  set_box: (prompt, { box }) => ({ ...prompt, box, pending: true }),
  set_mask: () => ({ ...EMPTY, mask: true }),
  clear_frame: () => EMPTY,
};

/**
 * The frame's prompt with the ops applied; undo and redo are not guessed.
 * @param {FramePrompt | undefined} prompt
 * @param {Op[]} ops of this pair and frame, in order
 * @returns {FramePrompt}
 */
export function promptWith(prompt, ops) {
  return ops.reduce((now, op) => APPLY_PROMPT[op.event]?.(now, op.data) ?? now, prompt ?? EMPTY);
}

/** The name a keypoint has until the server gave it one. @param {number} seq */
export const temporaryId = (seq) => `op${seq}`;

const APPLY_KEYPOINT = {
  add_keypoint: (keypoints, { data, seq }) => [
    ...keypoints.filter(({ derived, name, frame_idx }) => !(derived && name === data.name && frame_idx === data.frame_idx)),
    { visible: true, ...data, keypoint_id: temporaryId(seq), pending: true },
  ],
  move_keypoint: (keypoints, { data: { client_id, seq, video_id, instance_id, ...changes } }) =>
    keypoints.map((keypoint) =>
      keypoint.keypoint_id === changes.keypoint_id ? { ...keypoint, ...changes, derived: false, pending: true } : keypoint,
    ),
  remove_keypoint: (keypoints, { data }) =>
    keypoints.filter((keypoint) => keypoint.keypoint_id !== data.keypoint_id),
};

/**
 * An instance's keypoints with the ops applied.
 * @param {Keypoint[] | undefined} keypoints
 * @param {Op[]} ops of this instance, in order
 * @returns {Keypoint[]}
 */
export function keypointsWith(keypoints, ops) {
  return ops.reduce((now, op) => APPLY_KEYPOINT[op.event]?.(now, op) ?? now, keypoints ?? []);
}
