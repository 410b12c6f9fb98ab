import assert from "node:assert/strict";
import { test } from "node:test";

import { noteOf } from "../../static/js/core/stage_note.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { announced, changed, openedState, VIDEO } from "./opened_state.js";

const BARE = changed(openedState(), { annotations: { masks: {}, prompts: {} } });
const says = (state) => noteOf(state)?.text ?? null;

test("an untouched video says what the tool in the hand does first", () => {
  const first = (tool) => says(changed(BARE, { view: { tool } }));

  assert.match(first("click"), /^Click on an object: left adds/);
  assert.match(first("brush"), /^Paint over/);
  assert.match(first("polygon"), /Enter closes/);
  assert.equal(new Set(["click", "box", "brush", "eraser", "polygon", "keypoint"].map(first)).size, 6);
});

test("the first mask says what comes next, until there was a run", () => {
  const state = openedState();
  const masks = { "1/shaft": { 3: { rev: 5, source: "human" }, 4: { rev: 6, source: "propagated" } } };
  const noteAfter = (slices) => noteOf(changed(state, slices));

  assert.deepEqual([noteOf(state).key, noteAfter({ playback: { drawn_idx: 9 } }).text], ["propagate", "1 frame with prompts. Carry the masks through the video:"]);
  assert.equal(noteAfter({ annotations: { masks } }), null);
  assert.equal(noteAfter({ jobs: { by_id: { a: {} } } }), null);
  assert.equal(noteAfter({ playback: { playing: true } }), null);
});

test("what is hidden is said: a click there would seem to do nothing", () => {
  const state = openedState({ type: "masks_hidden_changed", masks_hidden: true });
  const [instance] = BARE.annotations.instances;

  assert.deepEqual([noteOf(state).kind, noteOf(state).key], ["hidden", "toggleMasks"]);
  assert.match(says(changed(BARE, { annotations: { instances: [{ ...instance, hidden: true }] } })), /^1 · tool is hidden/);
});

test("a frame that is not there yet, a video that cannot be read and a flag each say so", () => {
  const of = (video, playback = {}) => changed(BARE, { video: { open: { ...VIDEO, ...video } }, playback });
  const extracting = of({ state: "extracting", extracted: 40 }, { frame_idx: 50 });
  const flagged = announced([{ x: 1, y: 2, label: 1 }]);
  const masks = { "1/shaft": { 3: { rev: 5, source: "propagated", flags: ["lost"] } } };
  const lost = changed(openedState(flagged), { jobs: { by_id: { a: {} } }, annotations: { masks } });

  assert.match(says(extracting), /40 of 100/);
  assert.match(says(of({ state: "failed", error: { message: "Broken." } })), /^Broken/);
  assert.equal(says(lost), "lost: a click here corrects it. Gone from 3 to 3? Mark it absent:");
  assert.equal(noteOf(lost).key, "toggleAbsentRange");
  const absent = { "1/shaft": { 3: { rev: 6, source: "human", absent: true } } };
  assert.match(says(changed(lost, { annotations: { masks: absent } })), /^Marked absent: 1 shaft is not on this frame/);
  assert.equal(noteOf(INITIAL_STATE), null);
});

test("a stale mask says how it is made anew: by a run, or by a click where a person made it", () => {
  const of = (fields) => {
    const masks = { "1/shaft": { 3: { rev: 5, stale: true, ...fields } } };
    return noteOf(changed(openedState(), { jobs: { by_id: { a: {} } }, annotations: { masks } }));
  };
  const run = of({ source: "propagated", run: 2 });

  assert.deepEqual([run.kind, run.text, run.key, run.then], ["stale", "stale:", "propagate", "runs it again"]);
  assert.match(of({ source: "human", run: null }).text, /another model drew it/);
  assert.equal(of({ source: "propagated", run: 2, stale: false }), null);
});
