import assert from "node:assert/strict";
import { test } from "node:test";

import { reduce } from "../../static/js/core/reducer.js";
import { hasApproved, keypointsByLane, keypointsHere, lanes, liveCounts, masksHere, pairCounts, promptHere, undoable } from "../../static/js/core/selectors.js";
import { noteOf } from "../../static/js/core/stage_note.js";
import { firstAt } from "../../static/js/core/mask_spans.js";
import { changed, openedState } from "./opened_state.js";

const FRAMES = 1000;
const frames = Array.from({ length: FRAMES }, (_, frame_idx) => frame_idx);
const byFrame = (valueOf) => Object.fromEntries(frames.map((frame_idx) => [frame_idx, valueOf(frame_idx)]));

/** The same object; `looks` counts how often somebody goes through all of it, or reads one more of its frames. */
function watched(target, looks) {
  return new Proxy(target, {
    ownKeys: (all) => {
      looks.through += 1;
      return Reflect.ownKeys(all);
    },
    get: (all, name) => {
      looks.reads += 1;
      return Reflect.get(all, name);
    },
  });
}

/** Derives from the state all that the page shows of a frame. */
function derive(state) {
  for (const select of [promptHere, masksHere, keypointsHere, lanes, keypointsByLane, liveCounts, hasApproved, undoable, noteOf]) select(state);
  pairCounts(state, "1/shaft");
}

test("another frame on screen goes through no list of masks, prompts or keypoints again", () => {
  const looks = { through: 0, reads: 0 };
  const masks = watched(byFrame((frame_idx) => ({ rev: frame_idx, source: "human", run: null })), looks);
  const prompts = watched({ 3: { points: [{ x: 1, y: 2, label: 1 }], box: null, rev: 1 } }, looks);
  const keypoints = watched(frames.map((frame_idx) => ({ keypoint_id: frame_idx, frame_idx, name: "tip", x: 1, y: 2 })), looks);
  const approval = { seq: 1, instance_id: 1, region: "shaft", frame_idx: 0, approval: { frames: [[0, FRAMES - 1]], approved: true } };
  const opened = changed(openedState(), {
    annotations: { masks: { "1/shaft": masks }, prompts: { "1/shaft": prompts }, keypoints: { 1: keypoints }, own_changes: { done: [approval], undone: [] } },
  });
  derive(opened);
  assert.ok(looks.through > 0 && looks.reads > FRAMES);

  Object.assign(looks, { through: 0, reads: 0 });
  for (const frame_idx of [4, 5]) derive(reduce(opened, { type: "frame_drawn", frame_idx }));

  assert.equal(looks.through, 0);
  assert.ok(looks.reads < 40, `${looks.reads} reads`);
});

test("keypoints on screen are those of the frame, ops included", () => {
  const at = (frame_idx, name) => ({ keypoint_id: `${name}${frame_idx}`, frame_idx, name, x: 1, y: 2 });
  const op = { seq: 7, event: "add_keypoint", data: { instance_id: 1, frame_idx: 3, name: "heel", x: 5, y: 6 }, acked: false, seen: false };
  const state = changed(openedState(), { annotations: { keypoints: { 1: [at(2, "tip"), at(3, "tip"), at(3, "jaw")] }, ops: [op] } });

  assert.deepEqual(keypointsHere(state).map(({ keypoint }) => keypoint.name), ["tip", "jaw", "heel"]);
  assert.deepEqual(keypointsHere(reduce(state, { type: "frame_drawn", frame_idx: 9 })), []);
});

test("the first value from a place on is found by halves", () => {
  const numbers = [1, 4, 4, 9];
  const from = (least) => firstAt(numbers, (number) => number >= least);

  assert.deepEqual([0, 1, 4, 5, 10].map(from), [0, 0, 1, 3, 4]);
});
