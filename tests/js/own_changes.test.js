import assert from "node:assert/strict";
import { test } from "node:test";

import { coversFrame } from "../../static/js/core/own_changes.js";
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
  const submit = (event, data, of_approval = {}) => {
    seq += 1;
    sent.push(event === "approve" ? [event, data.frames, data.approved] : [event, data.frame_idx, data.key?.region ?? data.scope]);
    store.dispatch({ type: "op_queued", seq, event, data, ...of_approval });
    store.dispatch({ type: "op_acknowledged", seq });
    if (event === "approve") store.dispatch({ type: "masks_approved", ...data });
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

const mask = { rev: 5, source: "propagated", run: 1, flags: [], approved: false };
const MASKS = { "1/shaft": { 3: mask, 4: mask, 5: mask }, "1/overall": { 3: mask, 4: mask } };

/** The same with masks of two pairs on it. */
function reviewing(...actions) {
  const ada = page(...actions);
  ada.store.dispatch({ type: "mask_saved", saved: Object.entries(MASKS).flatMap(([pair, masks]) => Object.entries(masks).map(([frame, fact]) => ({ key: { ...KEY, region: pair.split("/")[1] }, frame_idx: Number(frame), ...fact }))) });
  return ada;
}

const approvedOf = ({ store }, region) => Object.entries(store.state.annotations.masks[`1/${region}`]).filter(([, { approved }]) => approved).map(([frame]) => Number(frame));

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

test("undo takes an approval back where it was given, before the click before it, and redo gives it again", () => {
  const ada = reviewing();
  ada.click(7);
  ada.submit("approve", { key: KEY, frames: [[4, 5]], approved: true });
  ada.store.dispatch({ type: "frame_requested", frame_idx: 40 });
  ada.sent.length = 0;

  ada.undo();
  assert.deepEqual([ada.sent, ada.store.state.playback.frame_idx, ada.toasts], [[["approve", [[4, 5]], false]], 4, ["Approval taken back, 1 shaft."]]);
  ada.redo();
  assert.deepEqual(approvedOf(ada, "shaft"), [4, 5]);
  ada.undo();
  ada.undo();
  assert.deepEqual(ada.sent.at(-1), ["undo", 7, "shaft"]);
});

test("what one press approved of several pairs is taken back as one", () => {
  const ada = reviewing();
  for (const region of ["shaft", "overall"]) ada.submit("approve", { key: { ...KEY, region }, frames: [[3, 4]], approved: true }, { press: 1 });

  ada.undo();
  assert.deepEqual([approvedOf(ada, "shaft"), approvedOf(ada, "overall"), ada.toasts], [[], [], ["Approval taken back, 2 pairs."]]);
  ada.redo();
  assert.deepEqual([approvedOf(ada, "shaft"), approvedOf(ada, "overall")], [[3, 4], [3, 4]]);
});

test("an approval that is gone, or elsewhere while undo stays on the frame, is passed over", () => {
  const [gone, here] = [reviewing(), reviewing({ type: "habit_changed", undo_here: true })];
  gone.click(7);
  for (const ada of [gone, here]) ada.submit("approve", { key: KEY, frames: [[4, 5]], approved: true });
  gone.store.dispatch({ type: "masks_approved", key: KEY, frames: [[4, 5]], approved: false });

  gone.undo();
  here.undo();
  assert.deepEqual([gone.sent.at(-1), here.sent.at(-1)], [["undo", 7, "shaft"], ["undo", 3, "shaft"]]);
  assert.deepEqual(approvedOf(here, "shaft"), [4, 5]);
});

test("the button of the message and the key take the same approval back, once", () => {
  const ada = reviewing();
  const { seq } = ada.submit("approve", { key: KEY, frames: [[3, 3]], approved: true });
  ada.submit("approve", { key: KEY, frames: [[3, 3]], approved: false }, { step: { way: "undo", seq } });

  const { done, undone } = ada.store.state.annotations.own_changes;
  assert.deepEqual([done.length, undone.map((change) => change.seq)], [0, [seq]]);
});

test("an approval covers the frames of its spans, both ends included, and none without a frame", () => {
  const change = { approval: { frames: [[2, 4], [9, 9]] } };

  assert.deepEqual([1, 2, 4, 5, 9, 10, null].map((frame_idx) => coversFrame(change, frame_idx)), [false, true, true, false, true, false, false]);
});
