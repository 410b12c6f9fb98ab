import assert from "node:assert/strict";
import { test } from "node:test";

import { reduce } from "../../static/js/core/reducer.js";
import { comparedWords, historySummary, runChanges, runFacts, runHere, runTitle } from "../../static/js/core/run_history.js";
import { KEY, openedState } from "./opened_state.js";

const RUN = {
  run: 3, job_id: "j", state: "done", created_at: 0, client: "Anna", pairs: [{ instance_id: 1, region: "shaft" }], start: 0, end: 89, direction: "forward",
  from_frame: null, model: "demo", prompts: 2, took_s: 12.4, frames: 90, made: 88, kept: 2, replaced: 40, restorable: 88, dropped: 0, rolled_back: false,
};
const IOUS = { "1/shaft": { 3: 0.834, 4: 1 } };

test("a run says of what, who, from how many prompts and how long", () => {
  assert.equal(runTitle(RUN), "Run 3 · 1 shaft · → frames 0 – 89");
  assert.equal(runFacts(RUN, () => "today"), "Anna · today · demo · from 2 prompted frames · 12 s");
  assert.equal(runFacts({ ...RUN, client: null, took_s: null, state: "cancelled" }, () => "today"), "today · demo · from 2 prompted frames · stopped");
});

test("a run says what it changed, and what can no longer be taken back", () => {
  assert.equal(runChanges(RUN), "88 masks made, 40 replaced, 2 approved kept");
  assert.equal(
    runChanges({ ...RUN, kept: 0, restorable: 0, dropped: 1 }),
    "88 masks made, 40 replaced, nothing of it to take back, what was before 1 mask was dropped for room",
  );
  assert.equal(historySummary([RUN], 2_100_000), "1 run; 2.1 MB kept to take them back.");
  assert.equal(historySummary([], 0), "No run yet.");
});

test("the mask before is that of the compared run, else of the run that made the mask", () => {
  const saved = [{ key: KEY, frame_idx: 3, rev: 9, source: "propagated", flags: [], run: 2, score: 3, area: 5, box: [0, 0, 2, 2] }];
  const state = openedState({ type: "mask_saved", saved });

  assert.equal(runHere(state), 2);
  assert.equal(runHere(reduce(state, { type: "run_compared", run: 3, ious: IOUS })), 3);
});

test("a comparison says how much of the mask on screen changed", () => {
  const compared = openedState({ type: "run_compared", run: 3, ious: IOUS });

  assert.equal(comparedWords(compared), "frame 3: IoU 0.83");
  assert.equal(comparedWords(reduce(compared, { type: "frame_drawn", frame_idx: 4 })), "frame 4: no pixel changed");
  assert.equal(comparedWords(reduce(compared, { type: "frame_drawn", frame_idx: 5 })), "frame 5: this run replaced no mask of the pair here");
});

test("another video forgets the runs of this one", () => {
  const compared = openedState({ type: "run_compared", run: 3, ious: IOUS }, { type: "video_chosen", video_id: "w", frame_idx: 0 });

  assert.equal(compared.run_history.compared, null);
});
