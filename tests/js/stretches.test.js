import assert from "node:assert/strict";
import { test } from "node:test";

import { isStretch, jobFacts } from "../../static/js/core/jobs.js";
import { maskSpans } from "../../static/js/core/mask_spans.js";
import { correctedPair, restartOf } from "../../static/js/core/restarts.js";
import { click, KEY, openedState } from "./opened_state.js";

const RUN = { kind: "propagate", state: "done", mode: "stretch", tracked: 31, reach: 289, total: 250, done: 250 };

test("a stretch run says how many frames it tracked, of those of a full run", () => {
  assert.equal(jobFacts(RUN), "31 of 289 frames tracked anew");
  assert.equal(isStretch({ ...RUN, tracked: 289 }), false); // the first run of a pair is a full one
  assert.equal(isStretch({ ...RUN, mode: "full" }), false);
});

test("a restarted stretch run begins at the corrections again", () => {
  const job = { start: 0, end: 99, direction: "both", mode: "stretch" };
  const { from_frame, mode } = restartOf({ key: KEY, frame_idx: 30, job });

  assert.deepEqual([from_frame, mode], [null, "stretch"]);
});

test("masks of two runs meet at a seam, masks of a run and of a person do not", () => {
  const masks = { 3: { run: null }, 4: { run: 1 }, 5: { run: 1 }, 6: { run: 2 }, 9: { run: 1 } };

  assert.deepEqual(maskSpans(masks).seams, [{ start: 6, end: 6, kind: "seam" }]);
});

test("only a pair with masks of a run, and none under way, is tracked on by itself", () => {
  const mask = { type: "mask_saved", saved: [{ key: KEY, frame_idx: 4, rev: 2, source: "propagated", run: 1 }] };
  const running = { type: "job_progress", job_id: "j", video_id: KEY.video_id, kind: "propagate", state: "running", pairs: [KEY] };

  assert.equal(correctedPair(openedState(click(9))), null);
  assert.equal(correctedPair(openedState(mask, click(9)))?.pair, `${KEY.instance_id}/${KEY.region}`);
  assert.equal(correctedPair(openedState(mask, running, click(9))), null);
});
