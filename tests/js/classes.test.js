import assert from "node:assert/strict";
import { test } from "node:test";

import { ACK, changed, openedState } from "./opened_state.js";
import { reduce } from "../../static/js/core/reducer.js";

test("the classes come with the video, follow the list, and outlive the video", () => {
  const opened = reduce(openedState(), { type: "video_opened", ack: { ...ACK, classes: [{ name: "forceps" }] } });
  assert.deepEqual(opened.annotations.classes, ["forceps"]);

  const more = reduce(opened, { type: "classes_changed", classes: [{ name: "forceps" }, { name: "needle" }] });
  assert.deepEqual(more.annotations.classes, ["forceps", "needle"]);
  assert.deepEqual(reduce(more, { type: "video_closed" }).annotations.classes, ["forceps", "needle"]);
});

test("a server of an older version has no classes", () => {
  const state = changed(openedState(), { annotations: { classes: ["forceps"] } });
  assert.deepEqual(reduce(state, { type: "video_opened", ack: ACK }).annotations.classes, []);
});
