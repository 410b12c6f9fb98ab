/** Facts about prompts, masks and keypoints of the open video. */

import { historyName, pairOfKey } from "./pairs.js";
import { keypointTarget, promptTarget, target } from "./ops.js";

const isOpen = (state, video_id) => video_id !== undefined && video_id === state.video?.video_id;

const byFrame = (list) => Object.fromEntries(list.map(({ frame_idx, ...it }) => [frame_idx, it]));

const without = (record, name) => {
  const { [name]: gone, ...rest } = record ?? {};
  return rest;
};

/** The oldest own op on the target that was not announced yet now is; acknowledged too: it is over. */
function announced(state, name, client_id) {
  if (client_id !== state.client_id) return state.ops;
  const at = state.ops.findIndex((op) => !op.seen && target(op.event, op.data) === name);
  if (at < 0) return state.ops;
  const op = { ...state.ops[at], seen: true };
  return op.acked ? state.ops.toSpliced(at, 1) : state.ops.with(at, op);
}

function withHistory(state, instance_id, region, { frame_idx, undo, redo }) {
  if (undo === undefined) return state.history;
  return { ...state.history, [historyName(instance_id, region, frame_idx)]: { undo, redo } };
}

/** A pair's masks, each marked by whether its run still follows from the prompts; what no run made stays as it is. */
function withStale(state, pair, stale_runs) {
  if (!stale_runs) return {};
  const masks = { ...state.masks[pair] };
  for (const [name, mask] of Object.entries(masks)) {
    const stale = mask.run === null ? Boolean(mask.stale) : stale_runs.includes(mask.run);
    if (Boolean(mask.stale) !== stale) masks[name] = { ...mask, stale };
  }
  return {
    masks: { ...state.masks, [pair]: masks },
    stale_runs: { ...state.stale_runs, [pair]: stale_runs },
  };
}

function promptsChanged(state, action) {
  const { key, frame_idx, rev, points, box, mask = false, undo, redo, client_id, stale_runs } = action;
  if (!isOpen(state, key.video_id)) return state;
  const pair = pairOfKey(key);
  const empty = points.length === 0 && !box && !mask;
  const frames = empty
    ? without(state.prompts[pair], frame_idx)
    : { ...state.prompts[pair], [frame_idx]: { points, box, mask, rev } };
  return {
    ...state,
    prompts: { ...state.prompts, [pair]: frames },
    ...withStale(state, pair, stale_runs),
    history: withHistory(state, key.instance_id, key.region, { frame_idx, undo, redo }),
    ops: announced(state, promptTarget(pair, frame_idx), client_id),
  };
}

/** Several masks at once: a run announces hundreds in a second. */
function masksSaved(state, { saved }) {
  const masks = { ...state.masks };
  for (const { key, frame_idx, rev, ...fact } of saved) {
    if (!isOpen(state, key.video_id)) continue;
    const pair = pairOfKey(key);
    const known = masks[pair]?.[frame_idx];
    if ((known?.rev ?? 0) > rev) continue; // overtaken by a newer one
    if (masks[pair] === state.masks[pair]) masks[pair] = { ...masks[pair] };
    const { source, score, area, box, run = known?.rev === rev ? known.run : null } = fact;
    const stale = state.stale_runs[pair]?.includes(run) ?? false;
    const { flags = [], approved = false } = known?.rev === rev ? { ...known, ...fact } : fact;
    masks[pair][frame_idx] = { rev, source, score, area, box, run, stale, approved, flags };
  }
  return { ...state, masks };
}

/** The same pixels as before, looked at by a person, or not any more. */
function masksApproved(state, { key, frames, approved }) {
  const pair = pairOfKey(key);
  if (!isOpen(state, key.video_id) || !state.masks[pair]) return state;
  const masks = { ...state.masks[pair] };
  for (const [first, last] of frames) {
    for (let frame_idx = first; frame_idx <= last; frame_idx += 1) {
      if (masks[frame_idx]) masks[frame_idx] = { ...masks[frame_idx], approved };
    }
  }
  return { ...state, masks: { ...state.masks, [pair]: masks } };
}

/** Painted here and on its way: a mask in all but its revision. */
function maskPainted(state, { key, frame_idx, box }) {
  const known = state.masks[pairOfKey(key)]?.[frame_idx];
  return masksSaved(state, { saved: [{ key, frame_idx, rev: known?.rev ?? 0, source: "human", box, run: null, flags: [], approved: false }] });
}

function maskDeleted(state, { key, frame_idx }) {
  const pair = pairOfKey(key);
  if (!isOpen(state, key.video_id) || !state.masks[pair]?.[frame_idx]) return state;
  return { ...state, masks: { ...state.masks, [pair]: without(state.masks[pair], frame_idx) } };
}

/** The answer to one's own click: the pixels went to the mask cache, the facts come here. */
function maskArrived(state, action) {
  if (action.state === "removed") return maskDeleted(state, action);
  return masksSaved(state, { saved: [{ source: "human", ...action }] });
}

function keypointsChanged(state, action) {
  const { video_id, instance_id, frame_idx, keypoints, client_id } = action;
  if (!isOpen(state, video_id)) return state;
  const others = (state.keypoints[instance_id] ?? []).filter((one) => one.frame_idx !== frame_idx);
  return {
    ...state,
    keypoints: { ...state.keypoints, [instance_id]: [...others, ...keypoints] },
    history: withHistory(state, instance_id, null, action),
    ops: announced(state, keypointTarget(instance_id), client_id),
  };
}

/** The runs whose masks a list calls stale. @param {any[]} masks @returns {number[]} */
export const staleRuns = (masks) => [
  ...new Set(masks.filter((mask) => mask.stale && mask.run !== null).map(({ run }) => run)),
];

/** What the page knows of a pair, to be compared with when an answer about it comes. @param {any} state @param {any} key */
export function knownOf(state, key) {
  const pair = pairOfKey(key);
  return { prompts: state.prompts[pair], masks: state.masks[pair], stale_runs: state.stale_runs[pair] };
}

/** The frames of an answer, but for those that were announced anew since it was asked for. */
function answeredFrames(list, asked = {}, now = {}) {
  const frames = byFrame(list);
  for (const name of Object.keys({ ...asked, ...now })) {
    const [before, after] = [asked[name], now[name]];
    if (before?.rev === after?.rev && before?.approved === after?.approved) continue;
    if ((frames[name]?.rev ?? 0) > (after ?? before).rev) continue;
    if (after) frames[name] = after;
    else delete frames[name];
  }
  return frames;
}

/** What the server answered when asked again for one pair: replaced whole, unless it is overtaken. */
function pairReread(state, { key, prompts, masks, asked = knownOf(state, key) }) {
  if (!isOpen(state, key.video_id)) return state;
  const pair = pairOfKey(key);
  const now = knownOf(state, key);
  const read = {
    ...state,
    prompts: { ...state.prompts, [pair]: answeredFrames(prompts, asked.prompts, now.prompts) },
    masks: { ...state.masks, [pair]: answeredFrames(masks, asked.masks, now.masks) },
  };
  return { ...read, ...withStale(read, pair, now.stale_runs === asked.stale_runs ? staleRuns(masks) : now.stale_runs) };
}

function keypointsReread(state, { video_id, instance_id, keypoints }) {
  if (!isOpen(state, video_id)) return state;
  return { ...state, keypoints: { ...state.keypoints, [instance_id]: keypoints } };
}

export const MARK_CASES = {
  prompts_changed: promptsChanged,
  mask: maskArrived,
  mask_saved: masksSaved,
  mask_painted: maskPainted,
  mask_deleted: maskDeleted,
  masks_approved: masksApproved,
  masks_changed: (state) => state, // many at once: they are read again
  keypoints_changed: keypointsChanged,
  pair_reread: pairReread,
  keypoints_reread: keypointsReread,
};
