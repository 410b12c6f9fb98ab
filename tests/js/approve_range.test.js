import assert from "node:assert/strict";
import { test } from "node:test";

import { approveRangeCommands } from "../../static/js/commands/approve_range.js";
import { reviewCommands } from "../../static/js/commands/review.js";
import { checkedFields } from "../../static/js/core/client_events.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { KEYMAP } from "../../static/js/input/keymap.js";
import { KEY, openedState } from "./opened_state.js";

const OVERALL = { ...KEY, region: "overall" };
const STALE_RUN = 2;
const saved = (key, first, last, fields) =>
  Array.from({ length: last - first + 1 }, (_, at) => ({ key, frame_idx: first + at, rev: 9, source: "propagated", run: 1, score: 9, ...fields }));
const stale = { type: "prompts_changed", key: KEY, frame_idx: 3, rev: 9, points: [], box: null, client_id: "other", stale_runs: [STALE_RUN] };

/** Pair 1/shaft: frame 3 by hand, 10–19 fresh, 20–24 stale; pair 1/overall: 10–12. */
function working(...actions) {
  const masks = [...saved(KEY, 10, 19), ...saved(KEY, 20, 24, { run: STALE_RUN }), ...saved(OVERALL, 10, 12)];
  const store = new Store(reduce, openedState({ type: "mask_saved", saved: masks }, stale, ...actions));
  const sent = [];
  const submit = (event, data) => {
    const { key, frames, approved } = checkedFields(event, data);
    sent.push(`${approved ? "" : "not "}${key.region} ${frames.map((span) => span.join("–")).join(" ")}`);
    store.dispatch({ type: "masks_approved", key, rev: 10, frames, approved });
    const count = frames.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    return { answer: Promise.resolve({ frames, count }) };
  };
  const toast = (toast) => store.dispatch({ type: "toast_shown", toast: { id: toast.message, ...toast } });
  const deps = { store, ops: { submit }, toast, keymap: KEYMAP };
  const said = () => store.state.view.toasts.map(({ message, hint }) => [message, hint]).at(-1);
  return { store, sent, said, ...approveRangeCommands(deps), ...reviewCommands(deps) };
}

test("without marks the whole pair is approved, but for stale masks", async () => {
  const { approveRange, sent, said } = working();
  await approveRange();

  assert.deepEqual(sent, ["shaft 3–3 10–19"]);
  assert.deepEqual(said(), ["11 masks of 1 shaft approved, all frames.", "5 stale masks left out: Shift+Y again approves them, too."]);
});

test("pressed again it takes the stale ones, then all pairs, then says that all is done", async () => {
  const { approveRange, sent, said } = working();
  const messages = [];
  for (let press = 0; press < 4; press += 1) {
    await approveRange();
    messages.push(said());
  }

  assert.deepEqual(sent, ["shaft 3–3 10–19", "shaft 20–24", "overall 10–12"]);
  assert.deepEqual(messages.slice(1), [
    ["5 stale masks of 1 shaft approved, all frames.", "Shift+Y again approves all pairs: 3 masks more."],
    ["3 masks of 1 overall approved, all frames.", ""],
    ["Every mask is approved, all frames.", ""],
  ]);
});

test("only masks between the marks are approved", async () => {
  const { approveRange, sent, said } = working({ type: "range_changed", range: { start: 12, end: 21 } });
  await approveRange();
  await approveRange();

  assert.deepEqual(sent, ["shaft 12–19", "shaft 20–21"]);
  assert.equal(said()[0], "2 stale masks of 1 shaft approved, frames 12 – 21.");
});

test("the presses begin anew once the message is gone, or with another pair", async () => {
  const { approveRange, sent, store, said } = working();
  await approveRange();
  store.dispatch({ type: "toast_dismissed", id: store.state.view.toasts[0].id });
  await approveRange();

  assert.deepEqual(said(), ["No mask of 1 shaft waits for approval, all frames.", "5 stale masks left out: Shift+Y again approves them, too."]);
  store.dispatch({ type: "pair_selected", ...OVERALL });
  await approveRange();
  assert.deepEqual(sent, ["shaft 3–3 10–19", "overall 10–12"]);
});

test("how many were flagged or unsure is said", async () => {
  const doubtful = { type: "mask_saved", saved: [...saved(KEY, 10, 11, { score: 1 }), ...saved(KEY, 12, 12, { flags: ["lost"] })] };
  const { approveRange, said } = working(doubtful);
  await approveRange();

  assert.equal(said()[0], "11 masks of 1 shaft approved, all frames; 3 of them flagged or unsure.");
});

test("hidden and locked pairs are not approved with all pairs", async () => {
  for (const action of [
    { type: "region_hidden", region: "overall" },
    { type: "instances_changed", video_id: "v", instances: [{ instance_id: 1, name: "tool", colour: "#f2a33a", hidden: false, locked: true }] },
  ]) {
    const { approveRange, sent } = working(action);
    for (let press = 0; press < 3; press += 1) await approveRange();

    assert.deepEqual(sent, ["shaft 3–3 10–19", "shaft 20–24"]);
  }
});

test("an approval is taken back on just the frames that it changed", async () => {
  const { approveRange, unapprove, sent, store } = working();
  await approveRange();
  unapprove(...store.state.view.toasts[0].args);

  assert.deepEqual(sent, ["shaft 3–3 10–19", "not shaft 3–3 10–19"]);
});

test("a press while the answer is on its way does nothing", async () => {
  const { approveRange, sent } = working();
  await Promise.all([approveRange(), approveRange()]);

  assert.deepEqual(sent, ["shaft 3–3 10–19"]);
});
