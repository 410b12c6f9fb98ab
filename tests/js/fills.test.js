import assert from "node:assert/strict";
import { test } from "node:test";

import { fillLeft, sidesDisagree } from "../../static/js/core/agreement.js";
import { gapHere } from "../../static/js/core/fills.js";
import { findingWords } from "../../static/js/core/findings.js";
import { framesOf, jobReach } from "../../static/js/core/jobs.js";
import { suspectsOf } from "../../static/js/core/suspects.js";

const mask = (more = {}) => ({ rev: 1, source: "propagated", score: 9, area: 9, box: [0, 0, 3, 3], run: 1, ...more });

/** A pair with prompts on these frames and approved masks on those. */
function stateAt(frame_idx, { prompted = [], approved = [], range = { start: null, end: null } }) {
  return {
    video: { open: { video_id: "v", num_frames: 100 } },
    playback: { frame_idx, range },
    annotations: {
      instance_id: 1,
      region: "shaft",
      prompts: { "1/shaft": Object.fromEntries(prompted.map((frame) => [frame, { points: [], box: null }])) },
      masks: { "1/shaft": Object.fromEntries(approved.map((frame) => [frame, mask({ approved: true })])) },
    },
  };
}

test("the gap around a frame reaches from the prompted or approved frame before it to the one after it", () => {
  const prompts = { prompted: [10, 40, 60], approved: [30] };

  assert.deepEqual(gapHere(stateAt(20, prompts)), { pair: "1/shaft", start: 10, end: 30, unheld: [30] });
  assert.deepEqual(gapHere(stateAt(50, prompts)), { pair: "1/shaft", start: 40, end: 60, unheld: [] });
  assert.deepEqual(gapHere(stateAt(40, { prompted: [10, 40, 60] })), { pair: "1/shaft", start: 10, end: 60, unheld: [] });
});

test("there is no gap before the first prompted frame, after the last, or between neighbours", () => {
  assert.equal(gapHere(stateAt(5, { prompted: [10, 40] })), null);
  assert.equal(gapHere(stateAt(50, { prompted: [10, 40] })), null);
  assert.equal(gapHere(stateAt(11, { prompted: [10], approved: [11, 12] })), null);
});

test("in a marked range the gap reaches from its first prompted frame to its last", () => {
  const range = { start: 5, end: 50 };

  assert.deepEqual(gapHere(stateAt(90, { prompted: [10, 20, 40, 60], range })), { pair: "1/shaft", start: 10, end: 40, unheld: [] });
  assert.equal(gapHere(stateAt(20, { prompted: [10, 60], range })), null);
});

test("masks on which the sides disagree are named, on the card and as suspects", () => {
  const masks = { 3: mask({ agreement: 0.9 }), 4: mask({ agreement: 0.2 }), 5: mask({ agreement: 0.4 }), 6: mask() };
  const job = { kind: "propagate", state: "done", mode: "fill", pairs: [{ instance_id: 1, region: "shaft" }], start: 2, end: 7, total: 12, done: 12 };

  assert.deepEqual(Object.values(masks).map(sidesDisagree), [false, true, true, false]);
  assert.deepEqual(suspectsOf(masks), [{ frame_idx: 4, end: 5, why: "the two sides of the fill disagree" }]);
  assert.equal(findingWords(job, { "1/shaft": masks }), "6 frames, 2 where the sides disagree");
});

test("a fill counts frames, not visits, and says what it left when it was stopped", () => {
  const job = { mode: "fill", state: "cancelled", done: 14, total: 20, direction: "both", start: 2, end: 11, pairs: [] };

  assert.deepEqual(framesOf(job), { frames: 7, of: 10 });
  assert.equal(fillLeft(job), "6 of 10 frames seen from one side only");
  assert.deepEqual([0, 3, 10, 20].map((done) => fillLeft({ ...job, done })), ["", "3 of 10 frames seen from one side only", "10 of 10 frames seen from one side only", ""]);
  assert.deepEqual(["done", "running", "queued"].map((state) => fillLeft({ ...job, state })), ["", "", ""]);
  assert.equal(fillLeft({ ...job, mode: "full" }), "");
  assert.equal(jobReach(job), "→ ← frames 2 – 11");
});
