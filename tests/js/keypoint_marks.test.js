import assert from "node:assert/strict";
import { test } from "node:test";

import { carriedWords, keypointMarks } from "../../static/js/core/keypoint_marks.js";

const point = (frame_idx, derived = false) => ({ keypoint_id: frame_idx + 1, frame_idx, x: 1, y: 2, name: "tip", visible: true, derived });

test("frames with placed keypoints are told from stretches with carried ones", () => {
  const marks = keypointMarks([point(4), point(2, true), point(3, true), point(4, true), point(7, true)]);

  assert.deepEqual(marks, { placed: [4], derived: [{ start: 2, end: 3 }, { start: 7, end: 7 }] });
});

test("the end of a carrying is worded", () => {
  assert.equal(carriedWords({ label: "tip", made: 1, hidden: 2 }), "Carried tip to 1 frame; not found on 2 frames.");
  assert.equal(carriedWords({ label: "tip", made: 0, hidden: 0 }), "tip is carried already.");
});
