import assert from "node:assert/strict";
import { test } from "node:test";

import { jumpCommands } from "../../static/js/commands/jumps.js";
import { playbackCommands } from "../../static/js/commands/playback.js";
import { maskSpans } from "../../static/js/core/mask_spans.js";
import { reduce } from "../../static/js/core/reducer.js";
import { flaggedStops, stopFrom, suspectStops } from "../../static/js/core/stops.js";
import { Store } from "../../static/js/core/store.js";
import { suspectsOf } from "../../static/js/core/suspects.js";
import { KEY, openedState } from "./opened_state.js";

const mask = (fields) => ({ rev: 1, source: "propagated", score: 9, run: 1, flags: [], ...fields });
const many = (first, last, fields) => Object.fromEntries(Array.from({ length: last - first + 1 }, (_, i) => [first + i, mask(fields)]));
const frames = (places) => places.map(({ frame_idx }) => frame_idx).sort((a, b) => a - b);
const lane = (pair, masks, fields) => ({ pair, hidden: false, active: false, masks, ...fields });
const named = (stops) => stops.map(({ pair, frame_idx }) => `${frame_idx} ${pair}`);

/** Steps through all stops of a way as a person does, by selecting each. */
function walk(stops, lanes, from, way) {
  const seen = [];
  let frame_idx = from;
  for (;;) {
    const { next } = stopFrom(stops, lanes, frame_idx, way);
    if (!next) return named(seen);
    seen.push(next);
    frame_idx = next.frame_idx;
    lanes.forEach((each) => (each.active = each.pair === next.pair));
  }
}

test("suspicious is what is flagged, unsure, stale or missing, unless it was approved", () => {
  const masks = { ...many(0, 4), ...many(5, 6, { score: 0.5 }), ...many(9, 10), ...many(11, 12, { stale: true }), ...many(13, 13, { flags: ["lost"] }) };

  assert.deepEqual(frames(suspectsOf(masks)), [5, 7, 11, 13]);
  const approved = { ...masks, 5: mask({ score: 0.5, approved: true }), 13: mask({ flags: ["lost"], approved: true }) };
  assert.deepEqual(frames(suspectsOf(approved)), [6, 7, 11]);
});

test("an absent frame is never suspicious, nor is it a gap", () => {
  const masks = { ...many(0, 2), ...many(3, 6, { absent: true, source: "human", score: null }), ...many(7, 9), 8: mask({ absent: true, stale: true }) };

  assert.deepEqual(suspectsOf(masks), []);
  assert.deepEqual(maskSpans(masks).bars.map(({ start, end, kind }) => [start, end, kind]), [
    [0, 2, "propagated"], [3, 6, "absent"], [7, 7, "propagated"], [8, 8, "absent"], [9, 9, "propagated"],
  ]);
});

test("a flagged stretch is one stop, however unsure the model was in it", () => {
  const masks = { ...many(0, 4), ...many(5, 5, { flags: ["lost"] }), ...many(6, 8, { flags: ["lost"], score: -3 }), ...many(9, 9, { score: -1 }) };

  assert.deepEqual(suspectsOf(masks), [
    { frame_idx: 5, end: 8, why: "lost" },
    { frame_idx: 9, end: 9, why: "the object is not seen" },
  ]);
});

test("several reasons on one frame are one stop", () => {
  const masks = many(4, 6, { flags: ["lost", "scene_cut"], stale: true });

  assert.deepEqual(suspectsOf(masks), [{ frame_idx: 4, end: 6, why: "lost, scene cut, the prompts or the model changed since" }]);
});

test("a mask that a person painted empty is not suspicious, one that the model left empty is", () => {
  const masks = many(4, 4, { source: "human", score: -10, area: 0, box: null });
  const prompts = (fields) => ({ 4: { points: [], box: null, mask: true, ...fields } });

  assert.deepEqual(suspectsOf(masks, prompts()), []);
  const clicked = [prompts({ points: [{ x: 1, y: 1, label: 1 }] }), prompts({ mask: false }), {}].map((there) => suspectsOf(masks, there).length);
  assert.deepEqual(clicked, [1, 1, 1]);
  assert.equal(suspectsOf(many(4, 4, { source: "human", score: -10, box: [1, 1, 2, 2] }), prompts()).length, 1);
});

test("of several pairs on one frame each is visited, lane by lane, and on the way back in reverse", () => {
  const unsure = many(3, 9, { score: 1 });
  const lanes = () => [lane("1/shaft", unsure), lane("1/wrist", unsure, { hidden: true }), lane("2/shaft", unsure, { active: true }), lane("2/wrist", many(2, 3, { flags: ["lost"] }))];
  const stops = suspectStops(lanes());

  assert.deepEqual(walk(stops, lanes(), 0, 1), ["2 2/wrist", "3 1/shaft", "3 2/shaft"]);
  assert.deepEqual(walk(stops, lanes(), 50, -1), ["3 2/shaft", "3 1/shaft", "2 2/wrist"]);
});

test("what lies the other way is counted, the stop one is on is not", () => {
  const lanes = [lane("1/shaft", many(3, 9, { score: 1 })), lane("2/shaft", many(3, 9, { score: 1 }), { active: true })];
  const stops = suspectStops(lanes);

  assert.deepEqual([stopFrom(stops, lanes, 3, 1), stopFrom(stops, lanes, 9, 1)], [{ next: null, left: 0, behind: 1 }, { next: null, left: 0, behind: 2 }]);
  assert.equal(stopFrom(stops, lanes, 0, -1).behind, 2);
});

test("approved flagged masks are no stop; a stretch approved in part begins later", () => {
  const flags = ["lost"];
  const lanes = [lane("1/shaft", { ...many(3, 5, { flags, approved: true }), ...many(6, 7, { flags }) }, { active: true }), lane("2/shaft", many(3, 5, { flags, approved: true }))];

  assert.deepEqual(flaggedStops(lanes).map(({ frame_idx, end, why }) => [frame_idx, end, why]), [[6, 7, "lost"]]);
});

test("S and N say how many places lie the other way", () => {
  const toasts = [];
  const saved = [10, 20].map((frame_idx) => ({ key: KEY, frame_idx, rev: 9, source: "propagated", run: 2, flags: ["lost"] }));
  const store = new Store(reduce, openedState({ type: "mask_saved", saved }, { type: "frame_requested", frame_idx: 50 }));
  const { stepFlagged, stepSuspect } = jumpCommands({ store, toast: ({ message }) => toasts.push(message), ...playbackCommands({ store }) });

  stepFlagged(1);
  stepSuspect(1);
  stepFlagged(-1);
  stepFlagged(-1);
  stepFlagged(-1);

  assert.equal(store.state.playback.frame_idx, 10);
  assert.deepEqual(toasts, [
    "No flagged mask after this frame; 2 flagged places before it.",
    "Nothing suspicious after this frame; 4 suspicious places before it.",
    "No flagged mask before this frame; 1 flagged place after it.",
  ]);
});
