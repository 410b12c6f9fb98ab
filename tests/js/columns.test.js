import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { unpackedMasks, withLists } from "../../static/js/core/columns.js";
import { ACK, openedState } from "./opened_state.js";

const COLUMNS = {
  frames: [[3, 4], [7, 7]],
  rev: [5, 0, 4],
  source: ["human", 1, "propagated", 2],
  run: [null, 1, 1, 2],
  has_score: [false, 1, true, 2],
  score: [-250, 4250],
  area: [100, -20, -80],
  has_box: [true, 2, false, 1],
  box: [[10, 1], [20, -1], [30, 0], [40, 5]],
  stale: [false, 2, true, 1],
  approved: [true, 1, false, 2],
  flags: [[], 2, ["lost"], 1],
  absent: [false, 3],
  cleaned: [false, 3],
  rejected: [false, 2, true, 1],
  reason: [null, 2, "too wide", 1],
};
const STEPS = { instance_id: 1, region: "shaft", frames: [[3, 3], [9, 10]], undo: [1, 1, 2, 2], redo: [0, 3], undo_by: [null, 3], redo_by: [null, 3] };

function packed(lists) {
  const text = JSON.stringify(lists);
  const { prompts, masks, keypoints, history, ...ack } = ACK;
  return { ...ack, packed: new Uint8Array(deflateSync(text)).buffer, packed_from: Buffer.byteLength(text) };
}

test("masks come out of their columns", () => {
  const { 3: hand, 4: next, 7: last } = unpackedMasks(COLUMNS);

  assert.deepEqual(hand, {
    rev: 5, source: "human", score: null, area: 100, box: [10, 20, 30, 40], run: null, stale: false, approved: true,
    rejected: false, reason: null, flags: [], absent: false,
  });
  assert.deepEqual([next.rev, next.score, next.area, next.box, next.approved], [5, -0.25, 80, [11, 19, 30, 45], false]);
  assert.deepEqual([last.rev, last.score, last.area, last.box], [9, 4, 0, null]);
  assert.deepEqual([last.stale, last.flags, last.rejected, last.reason], [true, ["lost"], true, "too wide"]);
  assert.deepEqual(unpackedMasks({ ...COLUMNS, frames: [] }), {});
});

test("a video that is opened by column is in the state as one opened by row", () => {
  const { prompts, keypoints } = ACK;
  const lists = { prompts, keypoints, masks: [{ instance_id: 1, region: "shaft", masks: COLUMNS }], history: [STEPS] };
  const { annotations } = openedState({ type: "video_opened", ack: withLists(packed(lists)) });
  const by_row = openedState().annotations;

  assert.deepEqual(Object.keys(annotations.masks["1/shaft"]), ["3", "4", "7"]);
  assert.deepEqual(annotations.stale_runs["1/shaft"], [1]);
  assert.deepEqual(annotations.prompts, by_row.prompts);
  assert.deepEqual(annotations.history["1/shaft"][10], { undo: 2, redo: 0, undo_by: null, redo_by: null });
  assert.deepEqual(Object.keys(annotations.history["1/shaft"]), ["3", "9", "10"]);
  assert.equal(withLists(ACK).masks, ACK.masks);
});
