import assert from "node:assert/strict";
import { test } from "node:test";

import { reviewCommands } from "../../static/js/commands/review.js";
import { runCommands } from "../../static/js/commands/runs.js";
import { framesToApprove, spansOf } from "../../static/js/core/approvals.js";
import { checkedFields } from "../../static/js/core/client_events.js";
import { counts, NO_WISHES } from "../../static/js/core/exports.js";
import { jobMasks } from "../../static/js/core/jobs.js";
import { reduce } from "../../static/js/core/reducer.js";
import { hasApproved, pairCounts } from "../../static/js/core/selectors.js";
import { Store } from "../../static/js/core/store.js";
import { suspectsOf } from "../../static/js/core/suspects.js";
import { tastesOf } from "../../static/js/net/preferences.js";
import { announced, KEY, openedState } from "./opened_state.js";

const PAIR = "1/shaft";
const saved = (frame_idx, fields = {}) => ({ key: KEY, frame_idx, rev: 9, source: "propagated", run: 2, ...fields });
const tracked = { type: "mask_saved", saved: [4, 5, 6].map((frame_idx) => saved(frame_idx)) };
const approved = (frames, value = true) => ({ type: "masks_approved", key: KEY, rev: 10, frames, approved: value });
const marks = (state) => Object.entries(state.annotations.masks[PAIR]).filter(([, mask]) => mask.approved).map(([name]) => name);

test("masks are approved where there are any, and not any more", () => {
  const first = openedState(tracked, approved([[3, 4], [6, 90]]));

  assert.deepEqual(marks(first), ["3", "4", "6"]);
  assert.deepEqual(marks(openedState(tracked, approved([[3, 6]]), approved([[4, 5]], false))), ["3", "6"]);
});

test("a mask that is new is approved only if it says so", () => {
  const again = { type: "mask_saved", saved: [saved(4, { rev: 11 }), saved(5, { rev: 11, approved: true })] };

  assert.deepEqual(marks(openedState(tracked, approved([[4, 4]]), again)), ["5"]);
});

test("the answer to one's own click says nothing of the approval of the same mask", () => {
  const before = { type: "mask_saved", saved: [saved(4, { approved: true, flags: ["lost"] })] };
  const answer = { type: "mask", ...saved(4), state: "drawn" };

  assert.deepEqual(marks(openedState(before, answer)), ["4"]);
  assert.deepEqual(openedState(before, answer).annotations.masks[PAIR][4].flags, ["lost"]);
});

test("approvals of another video change nothing here", () => {
  const elsewhere = { ...approved([[4, 4]]), key: { ...KEY, video_id: "other" } };

  assert.deepEqual(marks(openedState(tracked, elsewhere)), []);
});

const changed = announced([], { stale_runs: [2] });
const stale = (state) => Object.entries(state.annotations.masks[PAIR]).filter(([, mask]) => mask.stale).map(([name]) => name);

test("an approved mask is not stale, whether the prompts change before or after", () => {
  assert.deepEqual(stale(openedState(tracked, changed)), ["4", "5", "6"]);
  assert.deepEqual(stale(openedState(tracked, changed, approved([[4, 5]]))), ["6"]);
  assert.deepEqual(stale(openedState(tracked, approved([[4, 5]]), changed)), ["6"]);
});

test("a mask of a stale run that comes back approved is not stale", () => {
  const back = { type: "mask_saved", saved: [saved(4, { rev: 12, approved: true }), saved(5, { rev: 12 })] };

  assert.deepEqual(stale(openedState(tracked, changed, back)), ["5", "6"]);
});

test("the server says which masks are stale when their approval is taken back", () => {
  const back = { ...approved([[4, 6]], false), stale: [[4, 4], [6, 6]] };

  assert.deepEqual(stale(openedState(tracked, approved([[4, 6]]), back)), ["4", "6"]);
});

test("a pair whose masks are all approved needs no run, no look, and goes out whole", () => {
  const state = openedState(tracked, changed, approved([[3, 6]]));
  const wishes = { ...NO_WISHES, stale: "leave_out" };

  assert.equal(pairCounts(state, PAIR).stale, false);
  assert.deepEqual(suspectsOf(state.annotations.masks[PAIR]), []);
  assert.equal(counts(state, wishes, PAIR).taken, 4);
});

test("the choice is offered where any mask is approved", () => {
  assert.deepEqual([openedState(tracked), openedState(tracked, approved([[4, 4]]))].map(hasApproved), [false, true]);
});

test("a card counts the approved masks that a run kept, if it kept any", () => {
  assert.equal(jobMasks({ made: 48, kept: 51 }), "48 made, 51 approved kept");
  assert.deepEqual([{ made: 90, kept: 0 }, { made: null, kept: null }, {}].map(jobMasks), ["", "", ""]);
});

/** Run commands over an opened video, and the fields of the runs that they sent. */
function running(...actions) {
  const store = new Store(reduce, openedState(...actions));
  const sent = [];
  const submit = (event, data) => (sent.push(data), { answer: Promise.resolve({}) });
  return { store, sent, ...runCommands({ store, ops: { submit } }) };
}

test("replacing holds for one run, then it is keeping again", async () => {
  const { store, sent, chooseOnApproved, propagate } = running();
  chooseOnApproved("replace");
  await propagate();
  await propagate();

  assert.deepEqual(sent.map((fields) => fields.approved), ["replace", "keep"]);
  assert.equal(store.state.view.on_approved, "keep");
});

test("replacing is forgotten with the video, and by a reload", () => {
  const { store, chooseOnApproved } = running();
  chooseOnApproved("replace");
  assert.equal("on_approved" in tastesOf(store.state.view), false);
  store.dispatch({ type: "video_chosen", video_id: "other" });

  assert.equal(store.state.view.on_approved, "keep");
});

test("a stopped run goes on with its own choice, a refused one is repeated with it", async () => {
  const job = { type: "job_ended", job_id: "a", kind: "propagate", state: "cancelled", video_id: "v", pairs: [], start: 0, end: 9, direction: "forward" };
  const { sent, resumeJob, runAnyway } = running({ ...job, approved: "replace" }, { ...job, job_id: "older" });
  await resumeJob("a");
  await resumeJob("older");
  await runAnyway(sent[0]);

  assert.deepEqual(sent.map(({ approved, force }) => [approved, force]), [["replace", false], ["keep", false], ["replace", true]]);
});

const many = (first, last, fields) => Object.fromEntries(Array.from({ length: last - first + 1 }, (_, at) => [first + at, { rev: 1, source: "propagated", run: 2, ...fields }]));
const LOST = { flags: ["lost"] };

test("at a flagged stop the whole stretch is approved, elsewhere one frame", () => {
  const masks = { ...many(2, 4), ...many(5, 8, LOST), ...many(9, 9) };

  assert.deepEqual([5, 7, 3].map((frame_idx) => framesToApprove(masks, frame_idx)), [[5, 6, 7, 8], [7], [3]]);
});

test("a stretch that is approved in part goes on from there, and is taken back from its beginning", () => {
  const masks = { ...many(5, 6, { ...LOST, approved: true }), ...many(7, 8, LOST) };
  const all = many(5, 8, { ...LOST, approved: true });

  assert.deepEqual([7, 8, 5].map((frame_idx) => framesToApprove(masks, frame_idx)), [[7, 8], [8], [5, 6]]);
  assert.deepEqual([5, 6].map((frame_idx) => framesToApprove(all, frame_idx)), [[5, 6, 7, 8], [6]]);
});

test("two reasons that begin together are approved together, stale masks are left out", () => {
  const masks = { ...many(5, 5, { flags: ["lost", "swallow"] }), ...many(6, 6, { flags: ["swallow"] }), ...many(7, 7, { flags: ["swallow"], stale: true }) };

  assert.deepEqual(framesToApprove(masks, 5), [5, 6]);
});

test("frames in order are spans", () => {
  assert.deepEqual([spansOf([]), spansOf([3, 4, 5, 8, 10, 11])], [[], [[3, 5], [8, 8], [10, 11]]]);
});

test("Y at a flagged stop sends the stretch and offers to undo it", async () => {
  const state = openedState({ type: "mask_saved", saved: [3, 4, 5].map((frame_idx) => saved(frame_idx, LOST)) });
  const sent = [];
  const toasts = [];
  const submit = (event, data) => (sent.push(checkedFields(event, data)), { answer: Promise.resolve({ count: 3, frames: [[3, 5]] }) });
  const { approveFrame } = reviewCommands({ store: new Store(reduce, state), ops: { submit }, toast: (toast) => toasts.push(toast) });
  await approveFrame();

  assert.deepEqual(sent, [{ key: KEY, frames: [[3, 5]], approved: true }]);
  assert.deepEqual(toasts.map(({ message, action }) => [message, action]), [["3 flagged masks of 1 shaft approved, frames 3 – 5.", "unapprove"]]);
});
