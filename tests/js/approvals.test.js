import assert from "node:assert/strict";
import { test } from "node:test";

import { reviewCommands } from "../../static/js/commands/review.js";
import { framesToApprove, spansOf } from "../../static/js/core/approvals.js";
import { checkedFields } from "../../static/js/core/client_events.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
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

const many = (first, last, fields) => Object.fromEntries(Array.from({ length: last - first + 1 }, (_, at) => [first + at, { rev: 1, source: "propagated", run: 2, ...fields }]));
const LOST = { flags: ["lost"] };

test("at a flagged stop the whole stretch is approved, elsewhere one frame", () => {
  const masks = { ...many(2, 4), ...many(5, 8, LOST), ...many(9, 9) };

  assert.deepEqual([5, 7, 3].map((frame_idx) => framesToApprove(masks, frame_idx)), [[5, 6, 7, 8], [7], [3]]);
});

test("a stretch that is approved in part goes on from there, and is taken back from its beginning", () => {
  const masks = { ...many(5, 6, { ...LOST, approved: true }), ...many(7, 8, LOST) };
  const all = many(5, 8, { ...LOST, approved: true });

  assert.deepEqual([7, 8, 5].map((frame_idx) => framesToApprove(masks, frame_idx)), [[7, 8], [8], [5, 6]]);
  assert.deepEqual([5, 6].map((frame_idx) => framesToApprove(all, frame_idx)), [[5, 6, 7, 8], [6]]);
});

test("two reasons that begin together are approved together, stale masks are left out", () => {
  const masks = { ...many(5, 5, { flags: ["lost", "swallow"] }), ...many(6, 6, { flags: ["swallow"] }), ...many(7, 7, { flags: ["swallow"], stale: true }) };

  assert.deepEqual(framesToApprove(masks, 5), [5, 6]);
});

test("frames in order are spans", () => {
  assert.deepEqual([spansOf([]), spansOf([3, 4, 5, 8, 10, 11])], [[], [[3, 5], [8, 8], [10, 11]]]);
});

test("Y at a flagged stop sends the stretch and offers to undo it", async () => {
  const state = openedState({ type: "mask_saved", saved: [3, 4, 5].map((frame_idx) => saved(frame_idx, LOST)) });
  const sent = [];
  const toasts = [];
  const submit = (event, data) => (sent.push(checkedFields(event, data)), { answer: Promise.resolve({ count: 3, frames: [[3, 5]] }) });
  const { approveFrame } = reviewCommands({ store: new Store(reduce, state), ops: { submit }, toast: (toast) => toasts.push(toast) });
  await approveFrame();

  assert.deepEqual(sent, [{ key: KEY, frames: [[3, 5]], approved: true }]);
  assert.deepEqual(toasts.map(({ message, action }) => [message, action]), [["3 flagged masks of 1 shaft approved, frames 3 – 5.", "unapprove"]]);
});
