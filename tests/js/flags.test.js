import assert from "node:assert/strict";
import { test } from "node:test";

import { jumpCommands } from "../../static/js/commands/jumps.js";
import { playbackCommands } from "../../static/js/commands/playback.js";
import { flaggedNear, flaggedRuns, pairsWords, placeWords, sharePair } from "../../static/js/core/flags.js";
import { reduce } from "../../static/js/core/reducer.js";
import { jobCards } from "../../static/js/core/jobs.js";
import { Store } from "../../static/js/core/store.js";
import { KEY, openedState } from "./opened_state.js";

const masks = (flags) => Object.fromEntries(Object.entries(flags).map(([idx, list]) => [idx, { flags: list }]));
const LOST = masks({ 1: [], 5: ["lost"], 6: ["lost", "scene_cut"], 7: ["lost"], 9: ["lost"], 12: ["swallow"] });
const saved = (frame_idx, fields) => ({ key: KEY, frame_idx, rev: 9, source: "propagated", run: 2, ...fields });
const PAIR = { instance_id: 1, region: "shaft" };
const pausedJob = (fields = {}) => ({
  type: "job_ended", job_id: "a", kind: "propagate", state: "cancelled", done: 8, total: 90, video_id: "v",
  pairs: [{ ...PAIR, first: 0 }], paused: { flag: "lost", frame_idx: 5, pairs: [PAIR] }, ...fields,
});

test("neighbouring frames of one flag are one run", () => {
  assert.deepEqual(flaggedRuns(LOST), [
    { start: 5, end: 7, flag: "lost" },
    { start: 6, end: 6, flag: "scene_cut" },
    { start: 9, end: 9, flag: "lost" },
    { start: 12, end: 12, flag: "swallow" },
  ]);
});

test("a flag is found near the pointer and put into words", () => {
  assert.equal(placeWords(flaggedNear(LOST, 4, 1)), "frames 5–7: lost");
  assert.equal(placeWords(flaggedNear(LOST, 12, 0)), "frame 12: mask fills the frame");
  assert.equal(flaggedNear(LOST, 1, 2), null);
});

test("pairs are named by their instance, many are counted", () => {
  assert.equal(pairsWords([PAIR], [{ instance_id: 1, name: "tool" }]), "1 · tool shaft");
  assert.equal(pairsWords([PAIR, PAIR], []), "2 pairs");
});

test("runs share a pair, or one of them runs all", () => {
  const other = { instance_id: 2, region: "shaft" };

  assert.deepEqual([[[PAIR], [other]], [[PAIR, other], [other]], [[PAIR], "all"]].map(([a, b]) => sharePair(a, b)), [false, true, true]);
});

test("a flag that comes later joins the mask it belongs to", () => {
  const first = { type: "mask_saved", saved: [saved(4, { flags: [] }), saved(5, { flags: ["lost"] })] };
  const again = { type: "mask_saved", saved: [saved(4, { flags: ["lost"] })] };

  const state = openedState(first, again);

  assert.deepEqual(flaggedRuns(state.annotations.masks["1/shaft"]), [{ start: 4, end: 5, flag: "lost" }]);
});

test("a paused run stays in view until a run of its pair begins", () => {
  const other = { type: "job_progress", job_id: "b", kind: "propagate", state: "queued", video_id: "v" };
  const shown = (...actions) => jobCards(openedState(pausedJob(), ...actions).jobs.by_id, false).shown.map((job) => job.job_id);

  assert.deepEqual(shown(), ["a"]);
  assert.deepEqual(shown({ ...other, pairs: [{ instance_id: 1, region: "wrist" }] }), ["a", "b"]);
  assert.deepEqual(shown({ ...other, pairs: [PAIR] }), ["b"]);
});

test("S goes to the next flagged mask and selects its pair", () => {
  const toasts = [];
  const key = { ...KEY, region: "overall" };
  const flagged = { type: "mask_saved", saved: [saved(20, { key, flags: ["lost"] }), saved(21, { key, flags: ["lost"] })] };
  const store = new Store(reduce, openedState(flagged));
  const toast = ({ message }) => toasts.push(message);
  const { stepFlagged } = jumpCommands({ store, toast, ...playbackCommands({ store }) });

  stepFlagged(1);
  stepFlagged(1);

  assert.deepEqual([store.state.playback.frame_idx, store.state.annotations.region], [20, "overall"]);
  assert.deepEqual(toasts, ["No flagged mask after this frame, nor before it."]);
});
