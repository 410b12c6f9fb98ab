import assert from "node:assert/strict";
import { test } from "node:test";

import { brokenRuns, nextViolation, violationsSummary, violationWords, withViolations } from "../../static/js/core/region_rules.js";

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

test("frames that break a rule are stretches of every region that the rules name", () => {
  const rules = { whole: "overall", parts: ["shaft"], inside: true, exclusive: false, union: false };
  const at = (frame_idx, instance_id = 1) => ({ instance_id, frame_idx, outside: 3, shared: 0, missing: 0 });

  const runs = brokenRuns({ rules, violations: [at(5), at(6), at(9), at(6, 2)] });
  assert.deepEqual(runs["1/overall"], [{ start: 5, end: 6 }, { start: 9, end: 9 }]);
  assert.deepEqual(runs["1/shaft"], runs["1/overall"]);
  assert.deepEqual(runs["2/shaft"], [{ start: 6, end: 6 }]);
  assert.deepEqual(brokenRuns({ rules: null, violations: [at(5)] }), {});
});

test("a stretch that is read again replaces only what lies in it, and is told only if it changed", () => {
  const at = (frame_idx) => ({ instance_id: 1, frame_idx, outside: 3, shared: 0, missing: 0 });
  const known = [at(2), at(7)];

  assert.equal(withViolations(known, [at(2)], { start: 0, end: 4 }), null);
  assert.deepEqual(withViolations(known, [], { start: 0, end: 4 }), [at(7)]);
});
