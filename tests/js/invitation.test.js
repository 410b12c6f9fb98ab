import assert from "node:assert/strict";
import { test } from "node:test";

import { isInvited, offeredModels } from "../../static/js/core/invitation.js";
import { modelRows } from "../../static/js/core/model_rows.js";
import { reduce } from "../../static/js/core/reducer.js";
import { changed, openedState } from "./opened_state.js";

const TINY = { name: "tiny", label: "SAM 2.1 tiny", state: "missing", bytes: 156008466, demo: false, frame_s: 1.63, done: 0, total: 0 };
const DEMO = { name: "demo", label: "Demo", state: "selected", demo: true, bytes: 9, frame_s: 0.03, done: 0, total: 0 };

const withDemoModel = (fields = {}) =>
  changed(openedState(), { session: { model: { name: "demo", demo: true, state: "selected" }, models: [DEMO, TINY] }, ...fields });

test("the demo model on one's own video is an invitation to the others, with size and speed", () => {
  const state = withDemoModel();

  assert.equal(isInvited(state), true);
  assert.deepEqual(offeredModels(state).map(({ name, note }) => [name, note]), [["tiny", "156 MB to download · about 1.6 s a frame here"]]);
  assert.equal(offeredModels(state)[0].brief, "156 MB · ~1.6 s a frame");
});

test("neither the demo clip, nor a full model, nor a page without a video invites", () => {
  const { open } = openedState().video;
  assert.equal(isInvited(withDemoModel({ video: { open: { ...open, demo: true } } })), false);
  assert.equal(isInvited(withDemoModel({ video: { open: null } })), false);
  assert.equal(isInvited(withDemoModel({ video: { open: { ...open, state: "failed" } } })), false);
  assert.equal(isInvited(withDemoModel({ session: { model: { name: "tiny", demo: false } } })), false);
});

test("who closed the card is not invited again", () => {
  assert.deepEqual(offeredModels(reduce(withDemoModel(), { type: "invitation_dismissed" })), []);
});

test("a fast machine is told in frames a second, an unmeasured one not at all", () => {
  const note = (frame_s) => modelRows([{ ...TINY, state: "ready", frame_s }], {})[0].note;

  assert.equal(note(0.04), "ready · about 25 frames a second here");
  assert.equal(note(0.7), "ready · about 0.7 s a frame here");
  assert.equal(note(41.2), "ready · about 41 s a frame here");
  assert.equal(note(null), "ready");
});
