import assert from "node:assert/strict";
import { test } from "node:test";

import { ACTION_TYPES, reduce } from "../../static/js/core/reducer.js";
import { lanes, pairCounts, historyHere, keypointsHere, masksHere, promptHere, queuePosition, unacknowledged } from "../../static/js/core/selectors.js";
import { PLAIN_EVENTS } from "../../static/js/net/link.js";
import { ACK, announced, click, KEY, openedState } from "./opened_state.js";

const xs = (state) => promptHere(state).points.map(({ x }) => x);

test("every server event has a case", () => {
  const missing = [...PLAIN_EVENTS, "mask", "mask_saved"].filter((name) => !ACTION_TYPES.includes(name));

  assert.deepEqual(missing, []);
});

test("an unknown action is an error", () => {
  assert.throws(() => reduce(openedState(), { type: "nonsense" }), /nonsense/);
});

test("a click is shown before the server has answered", () => {
  const state = openedState(click(1));

  assert.deepEqual(xs(state), [1, 10]);
  assert.equal(promptHere(state).points[1].pending, true);
  assert.equal(unacknowledged(state), 1);
});

test("a click is drawn once whichever of acknowledgement and announcement comes first", () => {
  const points = [{ x: 1, y: 2, label: 1 }, { x: 10, y: 20, label: 1 }];
  const acknowledged = { type: "op_acknowledged", seq: 1 };

  for (const order of [[acknowledged, announced(points)], [announced(points), acknowledged]]) {
    const steps = order.map((_, i) => openedState(click(1), ...order.slice(0, i + 1)));
    assert.deepEqual(steps.map(xs), [[1, 10], [1, 10]]);
    assert.deepEqual(steps[1].annotations.ops, []);
  }
});

test("another person's change leaves own pending clicks on top", () => {
  const others = announced([{ x: 1, y: 2, label: 1 }, { x: 5, y: 5, label: 1 }], { client_id: "someone" });

  assert.deepEqual(xs(openedState(click(1), others)), [1, 5, 10]);
});

test("a click stored before a lost connection is not drawn twice after it", () => {
  const points = [{ x: 1, y: 2, label: 1 }, { x: 10, y: 20, label: 1 }];
  const prompts = [{ ...ACK.prompts[0], prompts: [{ frame_idx: 3, points, box: null }] }];
  const state = openedState(click(1), click(2, 30), { type: "video_opened", ack: { ...ACK, prompts, last_seq: 1 } });

  assert.deepEqual(xs(state), [1, 10, 30]);
  assert.equal(unacknowledged(state), 2);
});

test("a rejected click disappears", () => {
  assert.deepEqual(xs(openedState(click(1), { type: "op_settled", seq: 1 })), [1]);
});

test("removing and clearing are shown at once", () => {
  const remove = { type: "op_queued", seq: 1, event: "remove_point", data: { key: KEY, frame_idx: 3, point_idx: 0 } };
  const clear = { type: "op_queued", seq: 2, event: "clear_frame", data: { key: KEY, frame_idx: 3 } };

  assert.deepEqual(xs(openedState(remove)), []);
  assert.deepEqual(xs(openedState(click(1), clear)), []);
});

test("an older mask never replaces a newer one", () => {
  const saved = (rev) => ({ type: "mask_saved", saved: [{ key: KEY, frame_idx: 3, rev, source: "propagated" }] });

  assert.equal(openedState(saved(7), saved(6)).annotations.masks["1/shaft"][3].rev, 7);
});

test("events of another video change nothing", () => {
  const before = openedState();
  const key = { ...KEY, video_id: "other" };

  assert.equal(reduce(before, announced([], { key })), before);
  assert.equal(reduce(before, { type: "mask_deleted", key, frame_idx: 3 }), before);
});

test("masks belong to the frame on screen, not to the one asked for", () => {
  const state = openedState({ type: "frame_requested", frame_idx: 50 });

  assert.equal(state.playback.frame_idx, 50);
  assert.deepEqual(masksHere(state).map(({ pair, mask }) => [pair, mask.rev]), [["1/shaft", 5]]);
});

test("a hidden instance shows no masks", () => {
  const instances = [{ ...ACK.instances[0], hidden: true }];

  assert.deepEqual(masksHere(openedState({ type: "instances_changed", video_id: "v", instances })), []);
});

test("masks are stale while their run is among the stale ones", () => {
  const saved = (frame_idx, run) => ({ key: KEY, frame_idx, rev: 9, source: "propagated", run });
  const run = { type: "mask_saved", saved: [saved(4, 7), saved(5, 8)] };
  const stale = (...actions) => [4, 5].map((at) => openedState(run, ...actions).annotations.masks["1/shaft"][at].stale);

  assert.deepEqual(stale(announced([], { stale_runs: [7] })), [true, false]);
  assert.deepEqual(stale(announced([], { stale_runs: [7] }), announced([], { stale_runs: [] })), [false, false]);
});

test("what no run made stays stale when the prompts change elsewhere, until it is made anew", () => {
  const human = (stale) => ({ frame_idx: 4, rev: 2, source: "human", run: null, stale });
  const opened = { ...ACK, masks: [{ ...ACK.masks[0], instance_id: 1, region: "shaft", masks: [human(true)] }] };
  const before = openedState({ type: "video_opened", ack: opened }, announced([], { stale_runs: [] }));
  const after = openedState({ type: "video_opened", ack: opened }, { type: "mask_saved", saved: [{ key: KEY, ...human(undefined), rev: 9 }] });

  assert.deepEqual([before, after].map((state) => state.annotations.masks["1/shaft"][4].stale), [true, false]);
  assert.equal(pairCounts(before, "1/shaft").stale, false); // propagating would not renew it
});

test("a mask that comes back from a stale run is stale", () => {
  const back = { type: "mask_saved", saved: [{ key: KEY, frame_idx: 4, rev: 12, source: "propagated", run: 7 }] };
  const answer = { type: "mask", key: KEY, frame_idx: 4, rev: 12, source: "propagated", state: "drawn" };
  const state = openedState(announced([], { stale_runs: [7] }), back, answer);

  assert.equal(state.annotations.masks["1/shaft"][4].stale, true);
  assert.equal(pairCounts(state, "1/shaft").stale, true);
  assert.equal(lanes(state)[0].masks[4].stale, true);
});

test("asking again for the video that is being opened keeps the place in it", () => {
  const chosen = { type: "video_chosen", video_id: "w", frame_idx: 12, instance_id: 2, region: "shaft" };
  const state = openedState(chosen, { type: "video_chosen", video_id: "w" });

  assert.deepEqual([state.playback.frame_idx, state.annotations.instance_id, state.annotations.region], [12, 2, "shaft"]);
});

test("a removed mask is gone", () => {
  const removed = { type: "mask", key: KEY, frame_idx: 3, rev: 8, state: "removed" };

  assert.equal(openedState(removed).annotations.masks["1/shaft"][3], undefined);
});

test("steps of undo count own clicks under way", () => {
  const undo = { type: "op_queued", seq: 3, event: "undo", data: { key: KEY, frame_idx: 3 } };

  assert.deepEqual(historyHere(openedState(click(1), click(2))), { undo: 3, redo: 0 });
  assert.deepEqual(historyHere(openedState(click(1), undo)), { undo: 1, redo: 1 });
});

test("a new keypoint is shown under a temporary id until the server names it", () => {
  const data = { video_id: "v", instance_id: 1, frame_idx: 3, x: 4, y: 5, name: "tip" };
  const state = openedState({ type: "op_queued", seq: 8, event: "add_keypoint", data });
  const changed = { type: "keypoints_changed", video_id: "v", instance_id: 1, frame_idx: 3, client_id: "me", undo: 1, redo: 0 };
  const after = reduce(state, { ...changed, keypoints: [{ ...data, keypoint_id: 12, visible: true }] });

  assert.deepEqual(keypointsHere(state).map(({ keypoint }) => keypoint.keypoint_id), ["op8"]);
  assert.deepEqual(keypointsHere(after).map(({ keypoint }) => keypoint.keypoint_id), [12]);
});

test("a frame beyond the end is the last frame", () => {
  assert.equal(openedState({ type: "frame_requested", frame_idx: 1e9 }).playback.frame_idx, 99);
});

test("a deleted instance hands the selection to the first", () => {
  const instances = [{ instance_id: 4, name: "d", colour: "#58b7f0", hidden: false, locked: false }];

  assert.equal(openedState({ type: "instances_changed", video_id: "v", instances }).annotations.instance_id, 4);
});

test("an offer to undo goes when something else is done there", () => {
  const here = { key: KEY, frame_idx: 3 };
  const toast = { id: 1, message: "Cleared.", action: "undoAt", args: [here] };
  const offered = openedState({ type: "toast_shown", toast });
  const elsewhere = { type: "op_queued", seq: 4, event: "add_point", data: { ...here, frame_idx: 9, x: 1, y: 1, label: 1 } };

  assert.equal(reduce(offered, elsewhere).view.toasts.length, 1);
  assert.equal(reduce(offered, click(5)).view.toasts.length, 0);
});

test("the page shows the best place in the queue until the mask, or the connection, is gone", () => {
  const told = [{ type: "queued", seq: 4, position: 3 }, { type: "queued", seq: 5, position: 5 }];
  const position = (...actions) => queuePosition(openedState(...told, ...actions));

  assert.equal(queuePosition(openedState()), null);
  assert.equal(position(), 3);
  assert.equal(position({ type: "queued", seq: 4, position: 1 }), 1);
  assert.equal(position({ type: "queue_left", seq: 4 }), 5);
  assert.equal(position({ type: "queue_left", seq: 4 }, { type: "queue_left", seq: 5 }), null);
  assert.equal(position({ type: "connection_changed", connection: "offline" }), null);
});
