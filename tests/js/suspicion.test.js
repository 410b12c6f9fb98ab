import assert from "node:assert/strict";
import { test } from "node:test";

import { reduce } from "../../static/js/core/reducer.js";
import { nextStop, openStops, stopsSummary, stopWords, stretchWords } from "../../static/js/core/suspicion.js";
import { KEY, openedState } from "./opened_state.js";

const stop = (frame_idx, score) => ({ stop: `1/shaft/${frame_idx}`, instance_id: 1, region: "shaft", first: frame_idx, last: frame_idx + 2, frame_idx, score, reasons: ["area fell by 70 %"] });
const mask = (frame_idx, fields = {}) => ({ key: KEY, frame_idx, rev: frame_idx, source: "propagated", run: 1, score: 5, area: 5, box: [0, 0, 2, 2], flags: [], approved: false, absent: false, ...fields });
const STOPS = [stop(40, 0.9), stop(10, 0.8), stop(70, 0.6)];

function looked(saved = [mask(10), mask(40), mask(70)]) {
  return openedState({ type: "mask_saved", saved }, { type: "suspicions_read", stops: STOPS });
}

const visited = (state, at) => reduce(state, { type: "suspicion_visited", at });

test("the walk begins with the worst, goes on to the next worst, and round", () => {
  let state = looked();
  const frames = [];
  for (let press = 0; press < 4; press += 1) {
    const next = nextStop(state, 1);
    frames.push(next.stop.frame_idx);
    state = visited(state, next.stop.stop);
  }

  assert.deepEqual(frames, [40, 10, 70, 40]);
  assert.equal(nextStop(visited(state, "1/shaft/10"), -1).stop.frame_idx, 40);
});

test("an approved place is left out, and the walk goes on behind it", () => {
  const state = visited(looked([mask(10), mask(40, { approved: true }), mask(70)]), "1/shaft/40");

  assert.deepEqual(openStops(state).map(({ frame_idx }) => frame_idx), [10, 70]);
  assert.equal(nextStop(state, 1).stop.frame_idx, 10);
  assert.equal(nextStop(openedState(), 1), null);
});

test("a place says where and why", () => {
  assert.equal(stopWords(STOPS[0]), "Frame 40, 1 shaft: area fell by 70 %");
  assert.equal(stretchWords(STOPS[0]), "frames 40 – 42");
  assert.equal(stopsSummary(STOPS), "3 places to look at, the worst first.");
  assert.equal(stopsSummary([]), "No mask is suspicious.");
});
