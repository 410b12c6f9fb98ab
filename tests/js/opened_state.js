/** A state with one open video, for tests. */

import { reduce } from "../../static/js/core/reducer.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";

export const KEY = { video_id: "v", instance_id: 1, region: "shaft" };

export const VIDEO = {
  video_id: "v", name: "v.mp4", num_frames: 100, extracted: 100, width: 640, height: 480, fps: 25, state: "ready",
};

export const ACK = {
  video: VIDEO,
  regions: [{ name: "overall", label: "Overall" }, { name: "shaft", label: "Shaft" }],
  instances: [{ instance_id: 1, name: "tool", colour: "#f2a33a", hidden: false, locked: false }],
  prompts: [{ instance_id: 1, region: "shaft", rev: 1, prompts: [{ frame_idx: 3, points: [{ x: 1, y: 2, label: 1 }], box: null, rev: 1 }] }],
  masks: [{ instance_id: 1, region: "shaft", masks: [{ frame_idx: 3, rev: 5, source: "human" }] }],
  keypoints: [],
  history: [{ instance_id: 1, region: "shaft", frame_idx: 3, undo: 1, redo: 0 }],
  jobs: [],
  last_seq: 0,
  model: { name: "m", demo: true },
};

/** Apply actions, in order, to the state of a page that looks at frame 3 of pair 1/shaft. */
export function openedState(...actions) {
  return [
    { type: "client_named", client_id: "me", queued: [] },
    { type: "video_chosen", video_id: "v", frame_idx: 3, instance_id: 1, region: "shaft" },
    { type: "video_opened", ack: ACK },
    { type: "frame_drawn", frame_idx: 3 },
    ...actions,
  ].reduce(reduce, INITIAL_STATE);
}

export const click = (seq, x = 10) => ({
  type: "op_queued", seq, event: "add_point", data: { key: KEY, frame_idx: 3, x, y: 20, label: 1 },
});

export const announced = (points, fields = {}) => ({
  type: "prompts_changed", key: KEY, frame_idx: 3, rev: 9, box: null, undo: points.length, redo: 0, client_id: "me",
  points, ...fields,
});

/** A state with some fields of its slices changed. @param {any} state @param {Record<string, any>} slices @returns {any} */
export const changed = (state, slices) =>
  Object.entries(slices).reduce((all, [name, fields]) => ({ ...all, [name]: { ...all[name], ...fields } }), state);
