import assert from "node:assert/strict";
import { test } from "node:test";

import { advance, FRESH_PACE } from "../../static/js/core/pacing.js";
import { framesWanted } from "../../static/js/core/prefetch.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { changed } from "./opened_state.js";

const VIDEO = { num_frames: 100, extracted: 100, state: "ready", width: 1920, height: 1080 };

/** Play for so long on a screen of 60 Hz; ready tells what has been loaded by then. */
function play({ ms, from = 0, rate = 1, loop = false, first = 0, last = 99, ready = () => true, pts = (idx) => idx / 25 }) {
  let [clock, frame_idx, pace] = [null, from, FRESH_PACE];
  const shown = [];
  for (let now_ms = 0; now_ms <= ms; now_ms += 1000 / 60) {
    const scene = { now_ms, frame_idx, first, last, rate, loop, pace, frame_s: 0.04, secondsAt: pts, isReady: (idx, bare) => ready(idx, now_ms, pace, bare) };
    const step = advance(clock, scene);
    ({ clock, pace } = step);
    if (step.show !== null) shown.push((frame_idx = step.show));
    if (step.ended) break;
  }
  return { frame_idx, pace, shown };
}

test("frames come at their own times, also where the rate varies", () => {
  const uneven = (idx) => (idx < 10 ? idx / 10 : 1 + (idx - 10) / 50);

  assert.equal(play({ ms: 1000 }).frame_idx, 24); // the clock starts one tick late
  assert.equal(play({ ms: 950, pts: uneven }).frame_idx, 9);
  assert.equal(play({ ms: 1500, pts: uneven }).frame_idx, 34);
});

test("a quarter of the rate and twice the rate", () => {
  assert.deepEqual([0.25, 0.5, 2].map((rate) => play({ ms: 1010, rate }).frame_idx), [6, 12, 49]);
  assert.equal(play({ ms: 1010, rate: 2 }).pace.skipped, 0);
});

test("a frame that is not there in time is skipped and counted, the clock goes on", () => {
  const { frame_idx, pace, shown } = play({ ms: 1000, ready: (idx) => idx % 5 !== 0 || idx === 0 });

  assert.equal(frame_idx, 24);
  assert.ok(!shown.includes(10));
  assert.equal(pace.skipped, 24 - shown.length);
});

test("where nothing comes the clock waits, and says so", () => {
  const stuck = play({ ms: 3000, ready: (idx) => idx < 10 });
  const freed = play({ ms: 3000, ready: (idx, now_ms) => idx < 10 || now_ms > 2000 });

  assert.deepEqual([stuck.frame_idx, stuck.pace.waiting], [9, true]);
  assert.equal(freed.pace.waiting, false);
  assert.ok(freed.frame_idx > 25 && freed.frame_idx < 60);
});

test("masks that never come keep no frame from being shown", () => {
  const ready = (idx, now_ms, pace, bare) => idx < 5 || bare;
  const { frame_idx, shown } = play({ ms: 6000, ready });

  assert.ok(frame_idx > 20 && shown.length > 4);
});

test("a slow machine loads every few frames, and every one again when it is calm", () => {
  const slow = play({ ms: 3000, ready: (idx, _, { stride }) => stride >= 4 ? idx % stride === 0 : idx % 7 === 0 });
  const calm = play({ ms: 20000, pts: (idx) => idx / 4, ready: () => true });

  assert.ok(slow.pace.stride >= 3);
  assert.equal(calm.pace.stride, 1);
  assert.equal(slow.shown.every((idx, at) => at === 0 || idx > slow.shown[at - 1]), true);
});

test("without a loop it ends on the last frame, with one it goes round the range", () => {
  assert.equal(play({ ms: 9000, last: 30 }).frame_idx, 30);
  const { shown } = play({ ms: 2000, loop: true, from: 10, first: 10, last: 19 });

  assert.deepEqual([Math.min(...shown), Math.max(...shown)], [10, 19]);
  assert.equal(shown[9], 10);
});

test("the loaded frames are the ones ahead: fewer of a large video, round the end of a loop", () => {
  const state = changed(INITIAL_STATE, { video: { open: VIDEO }, playback: { frame_idx: 10, playing: true } });
  const wanted = (slices) => framesWanted(changed(state, slices));

  assert.deepEqual(wanted({}), Array.from({ length: 13 }, (_, i) => 10 + i));
  assert.deepEqual(wanted({ video: { open: { ...VIDEO, width: 7680, height: 4320 } } }), [10, 11, 12]);
  assert.deepEqual(wanted({ playback: { pace: { stride: 4 } } }).slice(0, 4), [10, 12, 16, 20]);
  assert.deepEqual(wanted({ playback: { range: { start: 5, end: 11 } }, view: { loop: true } }).slice(0, 5), [10, 11, 5, 6, 7]);
});
