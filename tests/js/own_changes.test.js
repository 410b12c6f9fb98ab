import assert from "node:assert/strict";
import { test } from "node:test";

import { promptHistoryCommands } from "../../static/js/commands/prompt_history.js";
import { reduce } from "../../static/js/core/reducer.js";
import { undoable } from "../../static/js/core/selectors.js";
import { Store } from "../../static/js/core/store.js";
import { announced, KEY, openedState } from "./opened_state.js";

/** A page on frame 3 of pair 1/shaft; the server does and announces whatever is sent. */
function page(...actions) {
  const store = new Store(reduce, openedState(...actions));
  const sent = [];
  let seq = 0;
  const submit = (event, data) => {
    seq += 1;
    sent.push([event, data.frame_idx, data.key?.region ?? data.scope]);
    store.dispatch({ type: "op_queued", seq, event, data });
    store.dispatch({ type: "op_acknowledged", seq });
    return { seq, answer: Promise.resolve({}) };
  };
  const toasts = [];
  const history = promptHistoryCommands({ store, ops: { submit }, toast: (shown) => toasts.push(shown.message) });
  const click = (frame_idx, key = KEY) => {
    submit("add_point", { key, frame_idx, x: 1, y: 1, label: 1 });
    store.dispatch(announced([{ x: 1, y: 1, label: 1 }], { key, frame_idx, undo: 1, redo: 0 }));
    sent.length = 0;
  };
  return { store, sent, submit, click, toasts, ...history };
}

test("undo goes to the frame and pair of one's last change, and redo comes back", () => {
  const ada = page();
  ada.click(7);
  ada.click(9, { ...KEY, region: "overall" });
  ada.store.dispatch({ type: "frame_requested", frame_idx: 40 });

  ada.undo();
  const { playback, annotations } = ada.store.state;
  assert.deepEqual([ada.sent, playback.frame_idx, annotations.region], [[["undo", 9, "overall"]], 9, "overall"]);
  assert.deepEqual(ada.toasts, ["Undone on frame 9, 1 overall."]);
  ada.undo();
  ada.redo();
  ada.redo();
  assert.deepEqual(ada.sent.slice(1), [["undo", 7, "shaft"], ["redo", 7, "shaft"], ["redo", 9, "overall"]]);
});

test("without a change of one's own, or by choice, undo is about the frame on screen", () => {
  const ada = page();
  ada.undo();
  const bob = page({ type: "habit_changed", undo_here: true });
  bob.click(7);
  bob.undo();

  assert.deepEqual([ada.sent, bob.sent], [[["undo", 3, "shaft"]], [["undo", 3, "shaft"]]]);
});

test("what was refused, undone by another person, or is of a deleted instance is not gone back to", () => {
  const refused = page();
  refused.click(7);
  refused.store.dispatch({ type: "op_settled", seq: 1, refused: true });
  const taken_back = page();
  taken_back.click(7);
  taken_back.store.dispatch(announced([], { frame_idx: 7, undo: 0, redo: 1, client_id: "you" }));
  const deleted = page();
  deleted.click(7);
  deleted.store.dispatch({ type: "instances_changed", video_id: "v", instances: [] });

  for (const ada of [refused, taken_back]) {
    ada.undo();
    assert.deepEqual(ada.sent, [["undo", 3, "shaft"]]);
  }
  assert.deepEqual(undoable(deleted.store.state), [false, false]);
});

test("keypoints are found again by their frame", () => {
  const ada = page();
  ada.store.dispatch({ type: "keypoints_changed", video_id: "v", instance_id: 1, frame_idx: 8, keypoints: [{ keypoint_id: 5, frame_idx: 8, x: 1, y: 1, name: "tip", visible: true }], undo: 2, redo: 0, client_id: "me" });
  ada.store.dispatch({ type: "frame_requested", frame_idx: 8 });
  ada.store.dispatch({ type: "keypoint_selected", keypoint_id: 5 });
  ada.submit("move_keypoint", { video_id: "v", instance_id: 1, keypoint_id: 5, x: 2 });
  ada.undo();

  assert.deepEqual([ada.sent[1], ada.store.state.annotations.keypoint_id], [["undo", 8, "keypoints"], 5]);
});

test("undo takes back what was marked absent or repaired last", () => {
  const ada = page();
  ada.click(7);
  ada.submit("mark_absent", { key: KEY, frames: [[3, 5]], absent: true });
  ada.store.dispatch(announced([], { key: KEY, frame_idx: 3, undo: 1, redo: 0 }));
  ada.store.dispatch({ type: "repaired", place: { instance_id: 1, region: "overall", frame_idx: 12 } });
  ada.store.dispatch(announced([], { key: { ...KEY, region: "overall" }, frame_idx: 12, undo: 1, redo: 0 }));
  ada.sent.length = 0;

  ada.undo();
  assert.deepEqual(ada.sent, [["undo", 12, "overall"]]);
  ada.store.dispatch(announced([], { key: { ...KEY, region: "overall" }, frame_idx: 12, undo: 0, redo: 1 }));
  ada.undo();
  assert.deepEqual(ada.sent.at(-1), ["undo", 3, "shaft"]);
});
