import assert from "node:assert/strict";
import { test } from "node:test";

import { nextViolation, violationsSummary, violationWords } from "../../static/js/core/region_rules.js";

const place = (instance_id, frame_idx) => ({ instance_id, frame_idx, outside: 40, shared: 0, missing: 0 });
const ALL = [place(1, 3), place(1, 9), place(2, 3)];

test("a place says where and how many pixels break which rule", () => {
  assert.equal(violationWords({ ...place(1, 12), shared: 120 }), "Frame 12, instance 1: 40 px of its parts outside of the whole, 120 px in two parts");
  assert.equal(violationWords({ ...place(2, 0), outside: 0, missing: 7 }), "Frame 0, instance 2: 7 px in no part");
  assert.equal(violationsSummary(ALL), "2 frames break a rule.");
});

test("the walk goes by frames, then instances, and round", () => {
  const from = (frame_idx, instance_id) => nextViolation(ALL, { frame_idx, instance_id });

  assert.deepEqual([from(0, 1), from(3, 1), from(3, 2), from(9, 1)], [place(1, 3), place(2, 3), place(1, 9), place(1, 3)]);
  assert.equal(nextViolation([], { frame_idx: 0, instance_id: 1 }), null);
});
