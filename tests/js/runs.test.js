import assert from "node:assert/strict";
import { test } from "node:test";

import { followCommands } from "../../static/js/commands/following.js";
import { runCommands } from "../../static/js/commands/runs.js";
import { jobCards, jobReach } from "../../static/js/core/jobs.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { click, KEY, openedState } from "./opened_state.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));
const PAIRS = [{ instance_id: 1, region: "shaft" }];

/** A page whose server answers each run with a job of its own. */
function page(...actions) {
  const sent = [];
  const timers = [];
  const toasts = [];
  const store = new Store(reduce, openedState(...actions));
  const ops = {
    submit: (event, data) => {
      sent.push({ event, ...data });
      return { answer: Promise.resolve({ job_id: `job${sent.length}` }) };
    },
  };
  const following = followCommands({ store });
  const later = (_, callback) => timers.push(callback);
  const runs = runCommands({ store, ops, toast: (shown) => toasts.push(shown.message), later, ...following });
  const job = (fields) => store.dispatch({ type: "job_progress", job_id: "job1", video_id: "v", kind: "propagate", client_id: "me", state: "running", pairs: PAIRS, start: 0, end: 99, direction: "forward", ...fields });
  const drawn = async () => {
    await settled();
    store.dispatch({ type: "frame_drawn", frame_idx: store.state.playback.frame_idx });
    await settled();
  };
  const rest = () => timers.splice(0).forEach((callback) => callback());
  return { store, sent, toasts, job, drawn, rest, ...following, ...runs };
}

const at = ({ store }) => store.state.playback.frame_idx;

test("the stage rides with a run, frame by drawn frame, and comes back when it is done", async () => {
  const ada = page();
  await ada.propagate();
  const seen = [];
  for (const frame_idx of [4, 5, 6]) {
    ada.job({ frame_idx });
    await settled();
    seen.push(at(ada));
  }
  await ada.drawn();
  seen.push(at(ada));
  ada.job({ type: "job_ended", state: "done", frame_idx: 99 });
  await ada.drawn();

  assert.deepEqual(seen, [4, 4, 4, 6]); // 5 came while 4 was not drawn
  assert.deepEqual([at(ada), ada.store.state.playback.ride], [3, null]);
});

test("once let go the stage stays, and it never rides where following is off", async () => {
  const ada = page();
  await ada.propagate();
  ada.job({ frame_idx: 4 });
  await ada.drawn();
  ada.letGo();
  ada.job({ frame_idx: 9 });
  await ada.drawn();
  assert.equal(at(ada), 4);

  const bob = page({ type: "follow_changed", follow: false });
  await bob.propagate();
  bob.job({ frame_idx: 9 });
  await bob.drawn();
  assert.equal(at(bob), 3);
});

test("a pause brings the stage to its frame, a stop leaves it where it is", async () => {
  for (const [ended, frame] of [[{ state: "cancelled", paused: { frame_idx: 7 } }, 7], [{ state: "cancelled" }, 5]]) {
    const ada = page();
    await ada.propagate();
    ada.job({ frame_idx: 5 });
    await ada.drawn();
    ada.job({ type: "job_ended", frame_idx: 8, ...ended });
    await ada.drawn();

    assert.deepEqual([at(ada), ada.store.state.playback.ride], [frame, null]);
  }
});

test("a run from here begins at the frame on screen, within the marks only if it lies in them", async () => {
  const ada = page({ type: "range_changed", range: { start: 2, end: 50 } });
  await ada.runFromHere("both");
  ada.store.dispatch({ type: "frame_requested", frame_idx: 60 });
  await ada.runFromHere("backward");

  assert.deepEqual(ada.sent.map(({ from_frame, start, end, direction }) => [from_frame, start, end, direction]), [[3, 2, 50, "both"], [60, null, null, "backward"]]);
});

test("all pairs run by a key of their own; the chosen pairs stay chosen", async () => {
  const ada = page();
  await ada.propagateAll();
  await ada.propagate();
  ada.toggleScope();
  await ada.propagate();

  assert.deepEqual(ada.sent.map(({ pairs }) => pairs), ["all", PAIRS, "all"]);
});

test("clicks under a run restart that pair once, from the last one, when the hand rests", async () => {
  const ada = page();
  ada.job({ frame_idx: 20 });
  ada.store.dispatch(click(1));
  ada.store.dispatch(click(2));
  ada.rest();
  await settled();

  const { event, pairs, from_frame, start, end, direction } = ada.sent[0];
  assert.deepEqual([ada.sent.length, event, pairs, from_frame, start, end, direction], [1, "propagate", PAIRS, 3, 0, 99, "forward"]);
  assert.deepEqual(ada.toasts, ["The run of 1 shaft restarts from frame 3: its prompts changed."]);
  assert.equal(ada.store.state.playback.ride, null); // the hand moved
});

test("a click that came before its run restarts nothing", async () => {
  const ada = page();
  ada.store.dispatch(click(1));
  ada.job({});
  ada.store.dispatch({ type: "op_acknowledged", seq: 1 });
  ada.rest();

  assert.deepEqual(ada.sent, []);
});

test("a frame that the run does not go over begins it at its own prompts", async () => {
  const ada = page();
  ada.job({ start: 10, end: 50 });
  ada.store.dispatch(click(1));
  ada.rest();

  assert.equal(ada.sent[0].from_frame, null);
});

test("clicks beside a run restart nothing: another pair, another person's, one that waits or is over", async () => {
  const others = [{ pairs: [{ instance_id: 1, region: "wrist" }] }, { client_id: "bob" }, { state: "queued" }, { type: "job_ended", state: "done" }];
  for (const fields of others) {
    const ada = page();
    ada.job(fields);
    ada.store.dispatch(click(1));
    ada.rest();
    assert.deepEqual(ada.sent, []);
  }
  const ada = page();
  ada.job({});
  ada.store.dispatch({ ...click(1), event: "approve", data: { key: KEY, frames: [[3, 3]], approved: true } });
  ada.rest();
  assert.deepEqual(ada.sent, []);
});

test("a run from a frame on says which frames it goes over", () => {
  const reach = (direction, from_frame) => jobReach({ direction, start: 0, end: 89, from_frame });

  assert.deepEqual(["forward", "backward", "both"].map((way) => reach(way, 30)), ["→ frames 30 – 89", "← frames 0 – 30", "↔ frames 0 – 89"]);
  assert.equal(reach("forward", null), "→ frames 0 – 89");
});

test("a stopped run that was started again has no card, unless it paused", () => {
  const jobs = (fields) => ({ a: { job_id: "a", kind: "propagate", state: "cancelled", ended: true, pairs: PAIRS, ...fields }, b: { job_id: "b", kind: "propagate", state: "running", pairs: PAIRS } });
  const shown = (fields) => jobCards(jobs(fields), true).shown.map(({ job_id }) => job_id);

  assert.deepEqual(shown({ pairs: [...PAIRS, { instance_id: 2, region: "shaft" }] }), ["b", "a"]); // the other pair is not done
  assert.deepEqual([shown({}), shown({ paused: { frame_idx: 3 } }), shown({ pairs: [{ instance_id: 2, region: "shaft" }] })], [["b"], ["a", "b"], ["b", "a"]]);
});
