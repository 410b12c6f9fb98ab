import assert from "node:assert/strict";
import { test } from "node:test";

import { noteOf } from "../../static/js/core/stage_note.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { announced, openedState, VIDEO } from "./opened_state.js";

const BARE = { ...openedState(), masks: {}, prompts: {} };
const says = (state) => noteOf(state)?.text ?? null;

test("an untouched video says what the tool in the hand does first", () => {
  const first = (tool) => says({ ...BARE, view: { ...BARE.view, tool } });

  assert.match(first("click"), /^Click on an object: left adds/);
  assert.match(first("brush"), /^Paint over/);
  assert.match(first("polygon"), /Enter closes/);
  assert.equal(new Set(["click", "box", "brush", "eraser", "polygon", "keypoint"].map(first)).size, 6);
});

test("the first mask says what comes next, until there was a run", () => {
  const state = openedState();
  const tracked = { ...state, masks: { "1/shaft": { 3: { rev: 5, source: "human" }, 4: { rev: 6, source: "propagated" } } } };

  assert.deepEqual([noteOf(state).key, noteOf({ ...state, drawn_idx: 9 }).text], ["propagate", "1 frame with prompts. Carry the masks through the video:"]);
  assert.deepEqual([noteOf(tracked), noteOf({ ...state, jobs: { a: {} } }), noteOf({ ...state, playing: true })], [null, null, null]);
});

test("what is hidden is said: a click there would seem to do nothing", () => {
  const state = openedState({ type: "masks_hidden_changed", masks_hidden: true });
  const [instance] = BARE.instances;

  assert.deepEqual([noteOf(state).kind, noteOf(state).key], ["hidden", "toggleMasks"]);
  assert.match(says({ ...BARE, instances: [{ ...instance, hidden: true }] }), /^tool is hidden/);
});

test("a frame that is not there yet, a video that cannot be read and a flag each say so", () => {
  const extracting = { ...BARE, frame_idx: 50, video: { ...VIDEO, state: "extracting", extracted: 40 } };
  const flagged = announced([{ x: 1, y: 2, label: 1 }]);
  const lost = { ...openedState(flagged), jobs: { a: {} }, masks: { "1/shaft": { 3: { rev: 5, source: "propagated", flags: ["lost"] } } } };

  assert.match(says(extracting), /40 of 100/);
  assert.match(says({ ...BARE, video: { ...VIDEO, state: "failed", error: { message: "Broken." } } }), /^Broken/);
  assert.equal(says(lost), "lost: a click here corrects it");
  assert.equal(noteOf(INITIAL_STATE), null);
});
