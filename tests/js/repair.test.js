import assert from "node:assert/strict";
import { test } from "node:test";

import { cleaningCommands } from "../../static/js/commands/cleaning.js";
import { reduce } from "../../static/js/core/reducer.js";
import { cleaningWords, cleansNothing, repairWords, scopeWords, spanOf, targetOf, targetsOf } from "../../static/js/core/repair.js";
import { Store } from "../../static/js/core/store.js";
import { ACK, openedState } from "./opened_state.js";

const two = { ...ACK, instances: [ACK.instances[0], { ...ACK.instances[0], instance_id: 2 }] };
const opened = (...actions) => openedState({ type: "video_opened", ack: two }, { type: "frame_drawn", frame_idx: 3 }, ...actions);
const NONE = { fill_holes: 0, drop_specks: 0, smooth: 0, grow: 0 };
const PAIRS = [{ instance_id: 1, region: "shaft" }, { instance_id: 2, region: "wrist" }];

test("masks go to any other pair, and first to the same region of the next instance", () => {
  assert.deepEqual(targetsOf(opened()), ["2/shaft", "1/overall", "2/overall"]);
  assert.equal(targetOf(opened()), "2/shaft");
  assert.equal(targetOf(opened({ type: "repair_chosen", target: "2/overall" })), "2/overall");
  const itself = opened({ type: "repair_chosen", target: "1/shaft" });
  assert.equal(targetOf(itself), "2/shaft");
});

test("a repair is about the frame, the range or all frames", () => {
  const state = opened({ type: "range_changed", range: { start: 10, end: null } });
  const of = (scope) => reduce(state, { type: "repair_chosen", scope });

  assert.deepEqual(["frame", "range", "pair"].map((scope) => spanOf(of(scope))), [[3, 3], [10, 99], [0, 99]]);
  assert.deepEqual(["frame", "range", "pair"].map((scope) => scopeWords(of(scope))), ["frame 3", "10 – end", "all frames"]);
});

test("words say what was done, and what was left", () => {
  const job = { label: "swap masks", pairs: PAIRS, made: 40, kept: 2 };

  assert.equal(repairWords(job), "Swapped 1 shaft and 2 wrist on 40 frames; 2 made or approved by a person left as they are.");
  assert.equal(repairWords({ ...job, label: "clean masks", made: 1, kept: 0 }), "Cleaned 1 mask of 1 shaft.");
  assert.equal(cleaningWords({ fill_holes: 40, drop_specks: 0, smooth: 2, grow: -3 }), "fill holes below 40 px², smooth 2 px, shrink 3 px");
  assert.deepEqual([cleansNothing(NONE), cleansNothing({ ...NONE, grow: -1 })], [true, false]);
});

test("the rule of another pair than the selected one is not taken for its own", () => {
  const key = { video_id: "v", instance_id: 1, region: "shaft" };
  const known = opened({ type: "cleaning_changed", key, cleaning: { ...NONE, grow: 2 }, on: true });

  assert.deepEqual(known.repair.rule, { pair: "1/shaft", on: true, cleaning: { ...NONE, grow: 2 } });
  const other = reduce(known, { type: "cleaning_changed", key: { ...key, instance_id: 2 }, cleaning: NONE, on: false });
  assert.equal(other.repair.rule, known.repair.rule);
});

test("another video closes the panel; its choices stay", () => {
  const state = opened({ type: "repair_opened", open: "clean", scope: "pair" }, { type: "cleaning_chosen", name: "grow", value: 4 });

  const { repair } = reduce(state, { type: "video_chosen", video_id: "w" });

  assert.deepEqual([repair.open, repair.scope, repair.cleaning.grow], [null, "pair", 4]);
});

test("an older preview never takes the place of a newer one", async () => {
  const answers = [];
  globalThis.fetch = (path) => new Promise((resolve) => answers.push({ path, give: () => resolve({ ok: true, blob: async () => path }) }));
  const store = new Store(reduce, opened({ type: "repair_opened", open: "clean", scope: "frame" }));
  const shown = [];
  const waiting = [];
  const later = (_, run) => waiting.push(run);
  cleaningCommands({ store, later, toast: () => {}, showCleaned: async (place, png) => (shown.push(png), 7) });
  waiting.length = 0;
  const choose = (value) => {
    store.dispatch({ type: "cleaning_chosen", name: "grow", value });
    waiting.splice(0).forEach((run) => run());
  };
  choose(1);
  choose(2);
  const previews = answers.filter(({ path }) => path.includes("cleaned.png"));

  previews[1].give();
  await new Promise((done) => setTimeout(done));
  previews[0].give();
  await new Promise((done) => setTimeout(done));

  assert.equal(shown.length, 1);
  assert.match(shown[0], /grow=2/);
  assert.equal(store.state.repair.preview.after, 7);
});
