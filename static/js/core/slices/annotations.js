/** The instances of the open video, the selected pair, its prompts, masks and keypoints, and one's own ops. */

import { unpackedSteps } from "../columns.js";
import { disjoint } from "../disjoint.js";
import { NO_CHANGES } from "../own_changes.js";
import { historyName, pairName } from "../pairs.js";
import { toggled } from "../toggled.js";
import { byFrame, MARK_CASES, masksByFrame, staleRuns } from "./marks.js";
import { isOpen, leavesVideo } from "./open_video.js";
import { frameWithin } from "./playback.js";
import { OP_CASES } from "./sent_ops.js";
import { instancesShown, regionsShown } from "./shown.js";

/** @import { Client, FramePrompt, Instance, Keypoint, MaskFact, Region } from "../wire.js" */
/**
 * @typedef {{seq: number, event: string, data: any, acked: boolean, seen: boolean}} Op
 *   an op the server has not both acknowledged and announced yet
 * @typedef {{undo: number, redo: number, undo_by?: Client | null, redo_by?: Client | null}} Steps
 *   of a frame's history, and whose change each way takes back next
 * @typedef {import("../closed.js").Closed<typeof ANNOTATIONS>} Annotations
 *   pairs are named "instance_id/region"; the history of keypoints "instance_id/"
 */

export const ANNOTATIONS = {
  /** @type {Region[]} */ regions: [],
  /** @type {string[]} */ classes: [], // of instances, to choose from
  /** @type {Instance[]} */ instances: [],
  /** @type {number | null} */ instance_id: null, // selected
  /** @type {string | null} */ region: null, // selected
  /** @type {number | null} */ solo: null, // the only instance this window shows
  /** @type {number | string | null} */ keypoint_id: null, // selected
  /** @type {null | {keypoint_id: number | string, instance_id: number}} */ naming: null, // its name is being typed
  /** @type {null | {video_id: string, instance_id: number, region: string, frame_idx: number}} */ clipboard: null,
  /** @type {Record<string, Record<number, FramePrompt>>} */ prompts: {},
  /** @type {Record<string, Record<number, MaskFact>>} */ masks: {},
  /** @type {Record<string, number[]>} */ stale_runs: {}, // of each pair: runs older than its prompts
  /** @type {Record<number, Keypoint[]>} */ keypoints: {},
  /** @type {Record<string, Record<number, Steps>>} */ history: {},
  /** @type {Op[]} */ ops: [],
  /** @type {import("../own_changes.js").OwnChanges} */ own_changes: NO_CHANGES,
  /** @type {Record<number, number>} */ queue: {}, // own ops that wait for the model: seq → position
};

/** The fields that start anew with another video. */
export const ANNOTATIONS_CLOSED = {
  instances: ANNOTATIONS.instances,
  instance_id: ANNOTATIONS.instance_id,
  region: ANNOTATIONS.region,
  solo: ANNOTATIONS.solo,
  keypoint_id: ANNOTATIONS.keypoint_id,
  naming: ANNOTATIONS.naming,
  prompts: ANNOTATIONS.prompts,
  masks: ANNOTATIONS.masks,
  stale_runs: ANNOTATIONS.stale_runs,
  keypoints: ANNOTATIONS.keypoints,
  history: ANNOTATIONS.history,
  own_changes: ANNOTATIONS.own_changes,
  queue: ANNOTATIONS.queue,
};

const byPair = (lists, valueOf) =>
  Object.fromEntries((lists ?? []).map((list) => [pairName(list.instance_id, list.region), valueOf(list)]));

const mapped = (record, valueOf) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, valueOf(value)]));

/** By pair, then by frame: from a row for each frame, or from the columns of each pair. */
function historyOf(list) {
  const history = {};
  for (const { instance_id, region, frame_idx, frames, ...more } of list ?? []) {
    const name = historyName(instance_id, region);
    if (frames) history[name] = unpackedSteps({ frames, ...more });
    else (history[name] ??= {})[frame_idx] = { undo: more.undo, redo: more.redo, undo_by: more.undo_by, redo_by: more.redo_by };
  }
  return history;
}

/** The instance and region still there after a change of the list, else the first ones. */
function selection({ instance_id, region }, instances, regions) {
  const instance = instances.find((listed) => listed.instance_id === instance_id) ?? instances[0];
  const kept = regions.find(({ name }) => name === region) ?? regions[0];
  return { instance_id: instance?.instance_id ?? null, region: kept?.name ?? null };
}

/** Ops that were stored before the server answered are part of its answer. */
const opsAfter = (ops, last_seq) =>
  ops.filter((op) => !op.acked).map((op) => (op.seq <= (last_seq ?? 0) ? { ...op, seen: true } : op));

const namesOf = (classes) => classes.map(({ name }) => name);

function opened(annotations, { ack }, { view }) {
  const { regions, instances } = ack;
  const masks = byPair(ack.masks, (list) => masksByFrame(list.masks));
  return {
    ...annotations,
    ...selection(annotations, instances, regions),
    ...instancesShown(annotations, instances),
    regions: regionsShown(regions, view.hidden_regions),
    classes: namesOf(ack.classes ?? []),
    prompts: byPair(ack.prompts, ({ prompts }) => byFrame(prompts)),
    masks,
    stale_runs: mapped(masks, staleRuns),
    keypoints: Object.fromEntries((ack.keypoints ?? []).map(({ instance_id, keypoints }) => [instance_id, keypoints])),
    history: historyOf(ack.history),
    ops: opsAfter(annotations.ops, ack.last_seq),
  };
}

function regionsChanged(annotations, { regions }, { video, view }) {
  if (video.open === null) return annotations;
  const shown = regionsShown(regions, view.hidden_regions);
  return { ...annotations, ...selection(annotations, annotations.instances, regions), regions: shown };
}

function instancesChanged(annotations, { video_id, instances }, state) {
  if (!isOpen(state, video_id)) return annotations;
  const selected = selection(annotations, instances, annotations.regions);
  return { ...annotations, ...instancesShown(annotations, instances), ...selected };
}

/** The same instance again shows all of them. */
function soloChanged(annotations, { instance_id }) {
  const solo = instance_id === annotations.solo ? null : instance_id;
  return { ...annotations, ...instancesShown({ ...annotations, solo }) };
}

/** @type {Record<string, import("./open_video.js").Case<Annotations>>} */
const SELECTION_CASES = {
  video_chosen: (annotations, action, state) => {
    if (!leavesVideo(state, action)) return annotations;
    const { instance_id = null, region = null } = action;
    return { ...annotations, instance_id, region };
  },
  video_opened: opened,
  regions_changed: regionsChanged,
  classes_changed: (annotations, { classes }) => ({ ...annotations, classes: namesOf(classes) }),
  region_hidden: (annotations, { region }, { view }) => ({
    ...annotations,
    regions: regionsShown(annotations.regions, toggled(view.hidden_regions, region)),
  }),
  instances_changed: instancesChanged,
  solo_changed: soloChanged,
  pair_selected: (annotations, { instance_id, region }) => ({
    ...annotations,
    instance_id: instance_id ?? annotations.instance_id,
    region: region ?? annotations.region,
    keypoint_id: null,
  }),
  frame_requested: (annotations, { frame_idx }, state) =>
    frameWithin(state, frame_idx) === state.playback.frame_idx ? annotations : { ...annotations, keypoint_id: null },
  tool_chosen: (annotations) => ({ ...annotations, keypoint_id: null }),
  keypoint_selected: (annotations, { keypoint_id }) => ({ ...annotations, keypoint_id }),
  naming_changed: (annotations, { naming }) => ({ ...annotations, naming }),
  prompts_copied: (annotations, { source }) => ({ ...annotations, clipboard: source }),
};

export const ANNOTATION_CASES = disjoint(SELECTION_CASES, MARK_CASES, OP_CASES);
