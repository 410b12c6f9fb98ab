import assert from "node:assert/strict";
import { test } from "node:test";

import { clickDoes } from "../../static/js/core/hits.js";
import { openedState } from "./opened_state.js";

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
