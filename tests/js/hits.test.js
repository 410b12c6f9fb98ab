import assert from "node:assert/strict";
import { test } from "node:test";

import { FRESH_MS, FreshDot } from "../../static/js/core/fresh_dot.js";
import { boxSidesAt, clickDoes, pointAt } from "../../static/js/core/hits.js";
import { KEY, openedState } from "./opened_state.js";

const VIEW = { scale: 10, x: 0, y: 0 }; // the only dot, at (1, 2), is at (10, 20) on screen
const does = (pointer, ...actions) => clickDoes(openedState(...actions), VIEW, pointer);

test("a click says what it would do: add, subtract, remove the dot under it", () => {
  const at = [200, 200];

  assert.deepEqual([does({ at }), does({ at, shift: true })], ["add", "subtract"]);
  assert.deepEqual([does({ at: [14, 24] }), does({ at: [18, 20] })], ["remove", "add"]);
  assert.equal(does({ at }, { type: "label_swapped" }), "subtract");
});

test("other tools do other things, and beside the frame nothing happens", () => {
  const tool = (name) => ({ type: "tool_chosen", tool: name });

  assert.equal(does({ at: [200, 200] }, tool("keypoint")), "name");
  assert.equal(does({ at: [200, 200] }, tool("box")), "box");
  assert.equal(does({ at: [200, 200], ctrl: true }), "box");
  assert.equal(does({ at: [-1, 20] }), null);
});

test("brush and eraser say their sign, and Shift turns it round", () => {
  const at = [200, 200];
  const says = (tool) => [false, true].map((shift) => does({ at, shift }, { type: "tool_chosen", tool }));

  assert.deepEqual([says("brush"), says("eraser")], [["paint", "erase"], ["erase", "paint"]]);
});

test("a polygon closes on its first corner or again on its last, from three corners on", () => {
  const polygon = { type: "tool_chosen", tool: "polygon" };
  const corners = [[1, 1], [30, 1], [30, 30]]; // on screen ten times as far
  const at = (x, y, known = corners) => does({ at: [x, y], corners: known }, polygon);

  assert.deepEqual([at(12, 9), at(303, 299), at(299, 11)], ["close", "close", "corner"]);
  assert.equal(at(12, 9, corners.slice(0, 2)), "corner");
});

test("with Alt a click picks what lies under the pointer", () => {
  const hovered = { type: "pairs_hovered", pairs: ["1/shaft"] };

  assert.deepEqual([does({ at: [200, 200], alt: true }, hovered), does({ at: [200, 200], alt: true })], ["pick", null]);
});

test("the sides and corners of a box can be taken hold of, its inside not", () => {
  const box = { type: "prompts_changed", key: KEY, frame_idx: 3, rev: 9, points: [], box: [10, 10, 30, 20], client_id: "you" };
  const state = openedState(box, { type: "tool_chosen", tool: "box" });
  const sides = (x, y) => boxSidesAt(state, VIEW, [x, y]);

  assert.deepEqual([sides(100, 150), sides(298, 203), sides(200, 150), sides(100, 250)], [[0], [2, 3], [], []]);
  assert.deepEqual([[100, 150], [200, 97], [100, 100], [300, 100], [200, 150]].map((at) => clickDoes(state, VIEW, { at })),
    ["resize-x", "resize-y", "resize-nwse", "resize-nesw", "box"]);
});

test("a dot that was just made does not take a second click away, an older one does", () => {
  assert.deepEqual([does({ at: [14, 24], fresh: true }), does({ at: [14, 24], fresh: false })], ["add", "remove"]);

  const dot = new FreshDot();
  dot.made([100, 100], 0);
  assert.deepEqual([dot.isNear([106, 107], 900), dot.isNear([106, 107], FRESH_MS + 1), dot.isNear([100, 100], 0)], [true, false, false]);
  dot.made([100, 100], 0);
  assert.deepEqual([dot.isNear([111, 100], 10), dot.isNear([100, 100], 20)], [false, false]); // the pointer was away
});

test("zoomed out a dot is hit in its middle only", () => {
  const small = { scale: 0.25, x: 0, y: 0 }; // the dot, at (1, 2), is at (0.25, 0.5)
  const hit = (x) => pointAt(openedState(), small, [x, 0.5]) === 0;

  assert.deepEqual([hit(3), hit(4)], [true, false]);
});
