/** Selectors: values that views and commands derive from the state. */

import { shade } from "./colour.js";
import { framesIn, maskCounts, pointCount, total } from "./counts.js";
import { isReadOnly } from "./editing.js";
import { keypointsAt } from "./keypoint_marks.js";
import { keypointTarget, keypointsWith, promptTarget, promptWith, unseen } from "./ops.js";
import { coversFrame, isOpenApproval } from "./own_changes.js";
import { historyName, pairName, splitPair } from "./pairs.js";
import { otherOwner } from "./people.js";

/** @import { Annotations } from "./slices/annotations.js" */
/** @import { State } from "./state.js" */

/**
 * A selector that keeps its last answer for as long as the inputs are identical.
 * @template {any[]} Inputs @template Answer
 * @param {(state: State) => [...Inputs]} inputs @param {(...inputs: Inputs) => Answer} make
 * @returns {(state: State) => Answer}
 */
function memo(inputs, make) {
  let last = null;
  let answer;
  return (state) => {
    const now = inputs(state);
    if (!last || now.some((value, i) => !Object.is(value, last[i]))) answer = make(...now);
    last = now;
    return answer;
  };
}

/** The selected pair's name, or null. @param {State} state */
export const currentPair = (state) =>
  state.annotations.instance_id === null || state.annotations.region === null
    ? null
    : pairName(state.annotations.instance_id, state.annotations.region);

/** The selected pair on the frame on screen: {key, frame_idx}, or null. @param {State} state */
export function selectedFrame(state) {
  const { open } = state.video;
  const { drawn_idx } = state.playback;
  const pair = currentPair(state);
  if (!open || !pair || drawn_idx === null) return null;
  return { key: { video_id: open.video_id, ...splitPair(pair) }, frame_idx: drawn_idx };
}

/** @param {State} state */
export const currentInstance = (state) =>
  state.annotations.instances.find((instance) => instance.instance_id === state.annotations.instance_id) ?? null;

/** @param {Pick<Annotations, "regions">} annotations @param {string} region */
const regionAt = ({ regions }, region) => regions.findIndex((listed) => listed.name === region);

/** @param {Pick<State, "annotations">} state @param {string} pair */
export const pairColour = ({ annotations }, pair) => colourOf(annotations, pair);

/** @param {Pick<Annotations, "instances" | "regions">} annotations @param {string} pair */
function colourOf(annotations, pair) {
  const { instance_id, region } = splitPair(pair);
  const instance = annotations.instances.find((listed) => listed.instance_id === instance_id);
  return shade(instance?.colour ?? "#888888", regionAt(annotations, region));
}

/** The prompt on screen of the selected pair, own clicks included. */
export const promptHere = memo(
  (state) => [state.annotations.prompts, state.annotations.ops, currentPair(state), state.playback.drawn_idx],
  (prompts, ops, pair, frame_idx) =>
    pair === null || frame_idx === null
      ? promptWith(undefined, [])
      : promptWith(prompts[pair]?.[frame_idx], unseen(ops, promptTarget(pair, frame_idx))),
);

/** The keypoints on screen of every visible instance: [{instance_id, colour, keypoint}]. */
export const keypointsHere = memo(
  (state) => [state.annotations.keypoints, state.annotations.ops, state.annotations.instances, state.playback.drawn_idx],
  (keypoints, ops, instances, frame_idx) =>
    instances
      .filter((instance) => !instance.hidden)
      .flatMap(({ instance_id, colour }) =>
        keypointsWith(keypointsAt(keypoints[instance_id], frame_idx), unseen(ops, keypointTarget(instance_id)))
          .filter((keypoint) => keypoint.frame_idx === frame_idx)
          .map((keypoint) => ({ instance_id, colour, keypoint })),
      ),
);

/** The masks on screen, the selected pair last (on top): [{pair, colour, active, mask}]. */
export const masksHere = memo(
  (state) => [
    state.annotations.masks,
    state.annotations.instances,
    state.annotations.regions,
    currentPair(state),
    state.playback.drawn_idx,
    state.view.masks_hidden,
  ],
  (masks, instances, regions, selected, frame_idx, masks_hidden) => {
    if (masks_hidden || frame_idx === null) return [];
    return Object.keys(masks)
      .filter((pair) => masks[pair][frame_idx] && isShown(instances, regions, pair))
      .map((pair) => ({
        pair,
        colour: colourOf({ instances, regions }, pair),
        active: pair === selected,
        mask: masks[pair][frame_idx],
      }))
      .sort((a, b) => Number(a.active) - Number(b.active));
  },
);

function isShown(instances, regions, pair) {
  const { instance_id, region } = splitPair(pair);
  const hidden = regions.find((listed) => listed.name === region)?.hidden;
  return !hidden && instances.some((instance) => instance.instance_id === instance_id && !instance.hidden);
}

/** The history of the frame on screen by tool, and one's own ops on it that are not announced yet. */
const historyShown = memo(
  (state) => [state.annotations.history, state.annotations.ops, state.annotations.instance_id, state.annotations.region, state.playback.drawn_idx, state.view.tool],
  (history, ops, instance_id, region, frame_idx, tool) => {
    if (instance_id === null || frame_idx === null) return { steps: NO_STEPS, pending: [] };
    return shownAt(history, ops, { instance_id, region: tool === "keypoint" ? null : region, frame_idx });
  },
);

const NO_STEPS = { undo: 0, redo: 0 };

/** The history of one frame of a pair, and one's own ops on it; region null: of the keypoints. */
function shownAt(history, ops, { instance_id, region, frame_idx }) {
  const name = region === null ? keypointTarget(instance_id) : promptTarget(pairName(instance_id, region), frame_idx);
  return { steps: history[historyName(instance_id, region)]?.[frame_idx] ?? NO_STEPS, pending: unseen(ops, name) };
}

const stepsOf = ({ steps: { undo, redo }, pending }) => pending.reduce(stepped, { undo, redo });

/** Steps of undo and redo for the frame on screen, by tool: own unannounced ops count as steps. */
export const historyHere = memo((state) => [historyShown(state)], stepsOf);

/** Name the owner of the change that undo or redo takes back next on the frame on screen, if it is another person. @param {State} state @param {"undo" | "redo"} way */
export const ownerHere = (state, way) => ownerOf(state, way, historyShown(state));

/** The same on any frame of a pair. @param {State} state @param {"undo" | "redo"} way @param {import("./own_changes.js").OwnChange} place */
export const ownerAt = (state, way, place) => ownerOf(state, way, shownAt(state.annotations.history, state.annotations.ops, place));

const ownerOf = (state, way, { steps, pending }) => (pending.length ? null : otherOwner(state, steps[`${way}_by`] ?? null));

/** The newest change that undo, or redo, would change anything of. An approval of many frames is looked through once. @param {"undo" | "redo"} way @param {"done" | "undone"} list */
const newestChange = (way, list) =>
  memo(
    (state) => [state.annotations.own_changes, state.annotations.masks],
    (own_changes, masks) => own_changes[list].findLast((made) => !made.approval || isOpenApproval(made, masks, way)) ?? null,
  );

const NEWEST = { undo: newestChange("undo", "done"), redo: newestChange("redo", "undone") };

/**
 * One's own change that undo or redo goes to; null: none is left, or the user wants to stay on the frame on screen.
 * @param {State} state @param {"undo" | "redo"} way
 */
export function ownChange(state, way) {
  const { annotations, view } = state;
  const { history, ops, instances } = annotations;
  const change = NEWEST[way](state);
  if (!change || !instances.some(({ instance_id }) => instance_id === change.instance_id)) return null;
  if (change.approval) return view.undo_here && !isOnScreen(state, change) ? null : change;
  if (view.undo_here) return null;
  return stepsOf(shownAt(history, ops, change))[way] ? change : null;
}

/** Tell if an approval is one of the selected pair and has the frame on screen. */
const isOnScreen = (state, change) =>
  currentPair(state) === pairName(change.instance_id, change.region) && coversFrame(change, state.playback.drawn_idx);

/** Tell if there is anything to undo and to redo. @param {State} state @returns {boolean[]} */
export function undoable(state) {
  if (isReadOnly(state)) return [false, false];
  const here = historyHere(state);
  return [Boolean(ownChange(state, "undo") ?? here.undo), Boolean(ownChange(state, "redo") ?? here.redo)];
}

function stepped({ undo, redo }, op) {
  if (op.event === "undo") return { undo: Math.max(0, undo - 1), redo: redo + 1 };
  if (op.event === "redo") return { undo: undo + 1, redo: Math.max(0, redo - 1) };
  return { undo: undo + 1, redo: 0 };
}

/** The number of ops the server has not acknowledged. @param {State} state */
export const unacknowledged = (state) => state.annotations.ops.filter((op) => !op.acked).length;

/** The place of the next own click in the model's queue, from 1; null: none waits. @param {State} state */
export function queuePosition({ annotations }) {
  const positions = Object.values(annotations.queue);
  return positions.length ? Math.min(...positions) : null;
}

/** Frames with prompts of the selected pair, in order. @param {State} state */
export function promptedFrames(state) {
  const pair = currentPair(state);
  return framesIn((pair && state.annotations.prompts[pair]) || NONE);
}

/** Points, masks and staleness of one pair. @param {State} state @param {string} pair */
export function pairCounts(state, pair) {
  return { points: pointCount(state.annotations.prompts[pair] ?? NONE), ...maskCounts(state.annotations.masks[pair] ?? NONE) };
}

/** Counts of the open video as it is now; its row in the list is as old as the list. @param {State} state */
export const liveCounts = memo(
  (state) => [state.video.open?.video_id, state.annotations.instances, state.annotations.masks, state.annotations.prompts],
  (video_id, instances, masks, prompts) =>
    video_id === undefined
      ? null
      : {
          video_id,
          counts: {
            instances: instances.length,
            masks: total(ofInstances(masks, instances), (frames) => maskCounts(frames).masks),
            prompted_frames: total(ofInstances(prompts, instances), (frames) => framesIn(frames).length),
          },
        },
);

/** Tell if any mask of the open video is approved. @param {State} state */
export const hasApproved = ({ annotations }) => Object.values(annotations.masks).some((masks) => maskCounts(masks).approved);

/** Leave out the pairs of deleted instances, which may come back. */
const ofInstances = (record, instances) =>
  Object.fromEntries(Object.entries(record).filter(([pair]) => instances.some(({ instance_id }) => instance_id === splitPair(pair).instance_id)));

/** @type {Record<number, any>} */ const NONE = {};

/** Pairs with anything in them, and the selected one, in the order of the panel. */
export const lanes = memo(
  (state) => [state.annotations.prompts, state.annotations.masks, state.annotations.instances, state.annotations.regions, currentPair(state)],
  (prompts, masks, instances, regions, selected) =>
    instances.flatMap((instance) =>
      regions
        .map((region, at) => ({
          pair: pairName(instance.instance_id, region.name),
          label: `${instance.instance_id} ${region.name}`,
          colour: shade(instance.colour, at),
          hidden: instance.hidden || region.hidden,
        }))
        .filter(({ pair }) => pair === selected || hasAny(prompts[pair]) || hasAny(masks[pair]))
        .map((lane) => ({
          ...lane,
          active: lane.pair === selected,
          prompts: prompts[lane.pair] ?? {},
          masks: masks[lane.pair] ?? {},
        })),
    ),
);

/** Keypoints of each instance by the lane that shows them: the selected pair's, else its first. @returns {Record<string, import("./wire.js").Keypoint[]>} */
export const keypointsByLane = memo(
  (state) => [lanes(state), state.annotations.keypoints],
  (shown, keypoints) => {
    const by_lane = {};
    for (const [instance_id, list] of Object.entries(keypoints)) {
      const own = shown.filter(({ pair }) => String(splitPair(pair).instance_id) === instance_id);
      const lane = own.find(({ active }) => active) ?? own[0];
      if (lane && list.length) by_lane[lane.pair] = list;
    }
    return by_lane;
  },
);

const hasAny = (record) => {
  for (const _ in record) return true;
  return false;
};

const isRun = (job) => job.kind === "propagate";

/** Tell if Escape may stop a run: not one of somebody else who is here. @param {State} state @param {any} job */
export const isOwnRun = ({ session }, job) =>
  job.client_id === session.client_id || !session.presence.some(({ client_id }) => client_id === job.client_id);

/** The run that Escape stops. @param {State} state */
export function runToStop(state) {
  const runs = Object.values(state.jobs.by_id).filter((job) => isRun(job) && isOwnRun(state, job));
  return runs.find((job) => job.state === "running") ?? runs.find((job) => job.state === "queued") ?? null;
}

/** Seconds into the video of a frame. @param {State} state @param {number} frame_idx */
export const secondsAt = (state, frame_idx) =>
  state.video.pts?.[frame_idx] ?? (state.video.open?.fps ? frame_idx / state.video.open.fps : 0);

/** Tell if the frame can be shown. @param {State} state @param {number} frame_idx */
export const isExtracted = (state, frame_idx) =>
  state.video.open !== null && (state.video.open.state === "ready" || frame_idx < state.video.open.extracted);
