import assert from "node:assert/strict";
import { test } from "node:test";

import { iousOf, readyModels, rebuildFacts, rebuildTitle } from "../../static/js/core/rebuilds.js";
import { comparedTitle, comparedWords, runHere } from "../../static/js/core/run_history.js";
import { openedState } from "./opened_state.js";

const pair = (instance_id, compared, mean_iou, min_iou) => ({ instance_id, region: "shaft", compared, mean_iou, min_iou });
const REBUILD = { rebuild_id: "rebuild-1", model: "large", created_at: 0, pairs: [pair(1, 30, 0.9, 0.4), pair(2, 10, 0.5, 0.3), pair(3, 0, null, null)] };

test("a rebuild says by what model, of which pairs, and how far its masks are those of now", () => {
  assert.equal(rebuildTitle(REBUILD), "Rebuilt by large · 1 shaft, 2 shaft, 3 shaft");
  assert.equal(rebuildFacts(REBUILD), "IoU 0.80 with the masks of now, 0.30 at worst, on 40 masks");
  assert.equal(rebuildFacts({ ...REBUILD, pairs: [pair(3, 0, null, null)] }), "no mask to compare with");
});

test("frames without a saved mask have no IoU", () => {
  const frames = [{ frame_idx: 2, iou: 0.5 }, { frame_idx: 3, iou: null }];

  assert.deepEqual(iousOf({ pairs: [{ ...pair(1), frames }] }), [{ instance_id: 1, region: "shaft", ious: [[2, 0.5]] }]);
});

test("a compared rebuild takes the place of a run", () => {
  const state = openedState({ type: "rebuilds_listed", rebuilds: [REBUILD] }, { type: "run_compared", run: "rebuild-1", ious: {} });

  assert.equal(comparedTitle(state.run_history), "Rebuilt by large, and now");
  assert.equal(runHere(state), "rebuild-1");
  assert.match(comparedWords(state), /no mask of the pair was compared here/);
  assert.equal(comparedTitle({ ...state.run_history, compared: 3 }), "Run 3 and before");
});

test("only models whose weights are there can rebuild", () => {
  const models = [{ name: "demo", state: "selected" }, { name: "tiny", state: "missing" }, { name: "large", state: "ready" }];

  assert.deepEqual(readyModels(models), ["demo", "large"]);
});
