import assert from "node:assert/strict";
import { test } from "node:test";

import { exportWarnings } from "../../static/js/core/export_warnings.js";
import { exportStep, NO_WISHES } from "../../static/js/core/exports.js";
import { findingWords } from "../../static/js/core/findings.js";
import { changed, openedState } from "./opened_state.js";

const mask = (fields) => ({ rev: 1, source: "propagated", score: 9, run: 1, flags: [], ...fields });
const many = (first, last, fields) => Object.fromEntries(Array.from({ length: last - first + 1 }, (_, i) => [first + i, mask(fields)]));
const RUN = { job_id: "a", kind: "propagate", state: "done", pairs: [{ instance_id: 1, region: "shaft" }], start: 0, end: 89, total: 90, done: 90, direction: "forward" };

test("a finished run says how many of its masks want a look", () => {
  const masks = { "1/shaft": { ...many(0, 50), ...many(51, 52, { flags: ["lost"], score: -4 }), ...many(53, 89, { score: 1 }), ...many(90, 95, { score: 1 }) } };

  assert.equal(findingWords(RUN, masks), "90 frames, 2 lost, 37 unsure");
  const approved = { "1/shaft": { ...masks["1/shaft"], ...many(51, 52, { flags: ["lost"], approved: true }) } };
  assert.equal(findingWords(RUN, approved), "90 frames, 37 unsure");
  assert.deepEqual([findingWords(RUN, { "1/shaft": many(0, 89) }), findingWords({ ...RUN, state: "running" }, masks)], ["", ""]);
});

test("an export warns of missing and stale masks and of a run that goes on", () => {
  const masks = { "1/shaft": { ...many(0, 94), ...many(95, 97, { stale: true }) } };
  const state = changed(openedState(), { annotations: { masks }, jobs: { by_id: { a: { ...RUN, state: "running" } } } });
  const warnings = (wishes = {}, slices = {}) => exportWarnings(changed(state, slices), { ...NO_WISHES, ...wishes }, "1/shaft");

  assert.deepEqual(warnings(), [
    "A run is still going: the masks that it has yet to make are not in the export.",
    "2 frames of 1 shaft have no mask.",
    "3 masks are stale: the prompts or the model changed since.",
  ]);
  assert.equal(warnings({ stale: "leave_out" }).length, 2);
  const range = { playback: { range: { start: 10, end: 20 } }, exchange: { exporting: { ...state.exchange.exporting, frames: "range" } }, jobs: { by_id: {} } };
  assert.deepEqual(warnings({}, range), []);
});

test("the export button writes, waits, then downloads, until a choice changes", () => {
  const exporting = (job, ...actions) => {
    const answered = { type: "export_answered", error: null, job_id: "e" };
    return exportStep(openedState(answered, { type: "job_progress", job_id: "e", video_id: "v", kind: "export", ...job }, ...actions));
  };

  assert.deepEqual([exportStep(openedState()), exporting({ state: "running" }), exporting({ state: "done" }), exporting({ state: "failed" })], ["export", "making", "download", "export"]);
  const changes = [{ type: "export_wished", wishes: { format: "coco" } }, { type: "export_reach_changed", reach: { pairs: "current" } }];
  assert.deepEqual(changes.map((action) => exporting({ state: "done" }, action)), ["export", "export"]);
});
