import assert from "node:assert/strict";
import { test } from "node:test";

import { checkedFields } from "../../static/js/core/client_events.js";
import { rangeCommands } from "../../static/js/commands/range_marks.js";
import { reviewCommands } from "../../static/js/commands/review.js";
import { runCommands } from "../../static/js/commands/runs.js";
import { timelineCommands } from "../../static/js/commands/timeline.js";
import { rangeOf, rangeWords } from "../../static/js/core/range.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { keptRanges } from "../../static/js/net/kept_ranges.js";
import { KEY, openedState } from "./opened_state.js";

const storage = () => {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
};

/** Commands over a state that looks at frame 3, and what they sent. */
function working({ ranges = keptRanges(storage()), answer = {} } = {}) {
  const store = new Store(reduce, openedState());
  const sent = [];
  const toasts = [];
  const submit = (event, data) => (sent.push([event, checkedFields(event, data)]), { answer: Promise.resolve(answer) });
  const ops = { submit };
  const deps = { store, ops, ranges, toast: (toast) => toasts.push(toast) };
  return { store, sent, toasts, ...timelineCommands(deps), ...rangeCommands(deps), ...runCommands(deps), ...reviewCommands(deps) };
}

test("a mark is set where one looks, moved, and taken away by the same key", () => {
  const { store, markRange } = working();
  const marks = [];
  for (const [which, at] of [["start", 10], ["end", 20], ["start", 12], ["start", 12]]) {
    markRange(which, at);
    marks.push([store.state.playback.range.start, store.state.playback.range.end]);
  }

  assert.deepEqual(marks, [[10, null], [10, 20], [12, 20], [null, 20]]);
});

test("a mark beyond the other takes that one away, and none lies beside the video", () => {
  assert.deepEqual(rangeOf({ start: 30, end: 20 }, "start", 100), { start: 30, end: null });
  assert.deepEqual(rangeOf({ start: 30, end: 20 }, "end", 100), { start: null, end: 20 });
  assert.deepEqual(rangeOf({ start: -4, end: 500 }, "end", 100), { start: 0, end: 99 });
  assert.deepEqual([{ start: 3, end: null }, { start: null, end: null }].map(rangeWords), ["3 – end", "all frames"]);
});

test("the marks of each video are there again when it is opened again", async () => {
  const ranges = keptRanges(storage());
  working({ ranges }).drawRange(40, 15);
  ranges.write("other", { start: 1, end: 2 });
  const later = working({ ranges });
  await null;

  assert.deepEqual(later.store.state.playback.range, { start: 15, end: 40 });
  later.clearRange();
  assert.deepEqual([ranges.read("v"), ranges.read("other")], [null, { start: 1, end: 2 }]);
  assert.equal(later.toasts.at(-1).action, "restoreRange");
});

test("a run goes over the marked frames", async () => {
  const { drawRange, propagate, clearMark, sent } = working();
  drawRange(10, 20);
  await propagate("forward");
  clearMark("end");
  await propagate("both");

  assert.deepEqual(sent.map(([, { start, end, direction }]) => [start, end, direction]), [[10, 20, "forward"], [10, null, "both"]]);
});

test("the mask on screen is approved, and by the same key no longer", () => {
  const { approveFrame, sent, store } = working();
  approveFrame();
  store.dispatch({ type: "masks_approved", key: KEY, rev: 8, frames: [[3, 3]], approved: true });
  approveFrame();

  assert.deepEqual(sent.map(([event, { frames, approved }]) => [event, frames, approved]), [["approve", [[3, 3]], true], ["approve", [[3, 3]], false]]);
});
