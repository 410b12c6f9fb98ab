import assert from "node:assert/strict";
import { test } from "node:test";

import { opCommands } from "../../static/js/commands/ops.js";
import { framesOf, jobFacts } from "../../static/js/core/jobs.js";
import { opsWords } from "../../static/js/core/ops.js";
import { reduce } from "../../static/js/core/reducer.js";
import { liveCounts } from "../../static/js/core/selectors.js";
import { Store } from "../../static/js/core/store.js";
import { KEY, openedState } from "./opened_state.js";

const pairs = (...firsts) => firsts.map((first) => ({ instance_id: 1, region: "shaft", first }));
const both = (fields) => ({ kind: "propagate", state: "done", direction: "both", start: 0, end: 299, done: 301, total: 301, pairs: pairs(120), ...fields });

/** Visits of a run both ways, as the server plans them. */
function visits(firsts, start, end) {
  const low = Math.min(...firsts.map((first) => Math.max(first, start)));
  const high = Math.max(...firsts.map((first) => Math.min(first, end)));
  const up = Array.from({ length: Math.max(0, end - low + 1) }, (_, at) => low + at);
  const down = Array.from({ length: Math.max(0, high - start + 1) }, (_, at) => high - at);
  return [...up, ...down];
}

test("a run both ways has as many frames as its range", () => {
  assert.match(jobFacts(both()), /^300 \/ 300$/);
  assert.deepEqual(framesOf(both({ done: 180, total: 301 })), { frames: 180, of: 300 });
  assert.deepEqual(framesOf(both({ done: 181, total: 301 })), { frames: 180, of: 300 });
});

test("frames are counted once, whatever the pairs' first prompts are", () => {
  for (const [firsts, start, end] of [[[5], 0, 9], [[2, 7], 0, 9], [[0], 0, 9], [[12], 0, 9], [[1], 3, 9], [[1, 12], 3, 9]]) {
    const order = visits(firsts, start, end);
    for (let done = 0; done <= order.length; done += 1) {
      const counted = framesOf(both({ start, end, done, total: order.length, pairs: pairs(...firsts) }));

      assert.deepEqual(counted, { frames: new Set(order.slice(0, done)).size, of: new Set(order).size }, `${firsts} ${done}`);
    }
  }
});

test("runs one way, and runs whose pairs are not known yet, are counted as they are", () => {
  const counts = [both({ direction: "forward" }), both({ pairs: "all" }), both({ pairs: [{ instance_id: 1, region: "shaft" }] })].map(framesOf);

  assert.deepEqual(counts, Array(3).fill({ frames: 301, of: 301 }));
});

test("what waits to be sent is named: a run is no click", () => {
  const ops = (...events) => events.map((event) => ({ event }));

  assert.equal(opsWords(ops("add_point", "undo", "propagate")), "2 changes and 1 run");
  assert.deepEqual([opsWords(ops("propagate")), opsWords(ops("add_point", "cancel")), opsWords([])], ["1 run", "1 change", ""]);
});

const CONNECTION = (connection) => ({ type: "connection_changed", connection });

/** Latencies measured of one click, with what happens between it and its answer. */
function measured(before, ...between) {
  const store = new Store(reduce, openedState(...before));
  let clock = 0;
  const { submit, answered } = opCommands({
    store, sender: { enqueue: () => ({ seq: 1, answer: null }) }, toast() {}, reread: async () => {}, dropPainted() {}, later() {}, now: () => (clock += 50),
  });
  submit("add_point", { key: KEY, frame_idx: 3, x: 1, y: 1, label: 1 });
  between.forEach((action) => store.dispatch(action));
  answered({ seq: 1, timings: {} }, 60);
  return store.state.session.latency?.ms ?? null;
}

test("a click that waited for the server to come back is not measured", () => {
  const online = CONNECTION("online");

  assert.equal(measured([online]), 50);
  assert.equal(measured([online], CONNECTION("offline"), online), null);
  assert.equal(measured([online], { type: "host_state", state: "restarting" }, { type: "host_state", state: "ready" }), null);
  assert.equal(measured([CONNECTION("offline")], online), null);
});

test("masks and prompts of a deleted instance do not count in the list", () => {
  const gone = { type: "instances_changed", video_id: "v", instances: [] };

  assert.deepEqual(liveCounts(openedState()).counts, { instances: 1, masks: 1, prompted_frames: 1 });
  assert.deepEqual(liveCounts(openedState(gone)).counts, { instances: 0, masks: 0, prompted_frames: 0 });
});
