import assert from "node:assert/strict";
import { test } from "node:test";

import { KEY, openedState } from "./opened_state.js";

const PAIR = "1/shaft";
const saved = (frame_idx, fields = {}) => ({ key: KEY, frame_idx, rev: 9, source: "propagated", run: 2, ...fields });
const tracked = { type: "mask_saved", saved: [4, 5, 6].map((frame_idx) => saved(frame_idx)) };
const approved = (frames, value = true) => ({ type: "masks_approved", key: KEY, rev: 10, frames, approved: value });
const marks = (state) => Object.entries(state.annotations.masks[PAIR]).filter(([, mask]) => mask.approved).map(([name]) => name);

test("masks are approved where there are any, and not any more", () => {
  const first = openedState(tracked, approved([[3, 4], [6, 90]]));

  assert.deepEqual(marks(first), ["3", "4", "6"]);
  assert.deepEqual(marks(openedState(tracked, approved([[3, 6]]), approved([[4, 5]], false))), ["3", "6"]);
});

test("a mask that is new is approved only if it says so", () => {
  const again = { type: "mask_saved", saved: [saved(4, { rev: 11 }), saved(5, { rev: 11, approved: true })] };

  assert.deepEqual(marks(openedState(tracked, approved([[4, 4]]), again)), ["5"]);
});

test("the answer to one's own click says nothing of the approval of the same mask", () => {
  const before = { type: "mask_saved", saved: [saved(4, { approved: true, flags: ["lost"] })] };
  const answer = { type: "mask", ...saved(4), state: "drawn" };

  assert.deepEqual(marks(openedState(before, answer)), ["4"]);
  assert.deepEqual(openedState(before, answer).annotations.masks[PAIR][4].flags, ["lost"]);
});

test("approvals of another video change nothing here", () => {
  const elsewhere = { ...approved([[4, 4]]), key: { ...KEY, video_id: "other" } };

  assert.deepEqual(marks(openedState(tracked, elsewhere)), []);
});
