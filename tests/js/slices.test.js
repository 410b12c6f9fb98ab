import assert from "node:assert/strict";
import { test } from "node:test";

import { disjoint } from "../../static/js/core/disjoint.js";
import { reduce } from "../../static/js/core/reducer.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { click, KEY, openedState } from "./opened_state.js";

const run = { type: "job_progress", job_id: "a", kind: "propagate", state: "running", done: 1, total: 9, video_id: "v", pairs: [] };
const working = () => openedState(click(1), run, { type: "range_changed", range: { start: 1, end: 5 } });

test("another video begins with nothing of the one before; what waits to be sent stays", () => {
  const { video, annotations, playback, jobs, exchange } = reduce(working(), { type: "video_chosen", video_id: "w", frame_idx: 8 });

  assert.deepEqual([video.open, video.opening, playback.frame_idx, playback.drawn_idx], [null, "w", 8, null]);
  assert.deepEqual([annotations.masks, annotations.instances, annotations.ops.length], [{}, [], 1]);
  assert.deepEqual([jobs.by_id, playback.range, exchange.exports], [{}, { start: null, end: null }, null]);
});

test("the same video chosen again keeps the place in it", () => {
  const before = working();
  const after = reduce(before, { type: "video_chosen", video_id: "v" });

  assert.deepEqual(after, { ...before, video: { ...before.video, opening: "v" } });
});

test("a fact changes only the slices it is about", () => {
  const before = working();
  const after = reduce(before, { type: "mask_deleted", key: KEY, frame_idx: 3 });

  const changed = Object.keys(INITIAL_STATE).filter((name) => after[name] !== before[name]);

  assert.deepEqual(changed, ["annotations"]);
});

test("a fact about another video changes nothing", () => {
  const before = working();

  assert.equal(reduce(before, { type: "mask_deleted", key: { ...KEY, video_id: "w" }, frame_idx: 3 }), before);
});

test("two groups that share a name cannot be put together", () => {
  assert.deepEqual(disjoint({ a: 1 }, { b: 2 }), { a: 1, b: 2 });
  assert.throws(() => disjoint({ stop: 1 }, { play: 2 }, { stop: 3 }), /stop/);
});
