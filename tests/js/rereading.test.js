import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { exportCommands } from "../../static/js/commands/exports.js";
import { instanceCommands } from "../../static/js/commands/instances.js";
import { modelCommands } from "../../static/js/commands/models.js";
import { opCommands } from "../../static/js/commands/ops.js";
import { promptCommands } from "../../static/js/commands/prompts.js";
import { regionRuleCommands } from "../../static/js/commands/region_rules.js";
import { rereadingCommands } from "../../static/js/commands/rereading.js";
import { runHistoryCommands } from "../../static/js/commands/run_history.js";
import { suspicionCommands } from "../../static/js/commands/suspicion.js";
import { trashCommands } from "../../static/js/commands/trash.js";
import { answersInOrder } from "../../static/js/commands/up_to_date.js";
import { videoListCommands } from "../../static/js/commands/video_list.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { pointAt } from "../../static/js/net/api.js";
import { ACK, announced, KEY, openedState } from "./opened_state.js";

const OTHER = { ...ACK, video: { ...ACK.video, video_id: "other" }, instances: [], prompts: [], masks: [], history: [] };
const PAIR = "1/shaft";
const HAND = [{ x: 1, y: 2, label: 1 }];
const prompt = (frame_idx, rev) => ({ frame_idx, points: HAND, box: null, mask: false, rev });
const mask = (frame_idx, rev) => ({ frame_idx, rev, source: "human", run: null, approved: false });
const saved = (frame_idx, rev) => ({ type: "mask_saved", saved: [{ key: KEY, ...mask(frame_idx, rev) }] });
const reread = (asked, masks, prompts = []) => ({ type: "pair_reread", key: KEY, masks, prompts, asked });
const known = ({ annotations: { prompts, masks, stale_runs } }) => ({ prompts: prompts[PAIR], masks: masks[PAIR], stale_runs: stale_runs[PAIR] });
const revs = (frames) => Object.fromEntries(Object.entries(frames).map(([name, { rev }]) => [name, rev]));

const waiting = []; // requests without an answer yet, oldest first
const server = createServer((request, response) => {
  waiting.push({ path: request.url, answer: (body) => response.end(JSON.stringify(body)) });
  server.emit("asked");
});

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  pointAt({ url, base: url, token: "" });
});

after(() => {
  server.closeAllConnections();
  server.close();
});

/** The oldest requests, once there are so many. */
async function asked(count) {
  while (waiting.length < count) await once(server, "asked");
  return waiting.splice(0, count);
}

test("what was announced while a pair was read again is newer than the answer", () => {
  const before = known(openedState());
  const state = openedState(saved(4, 9), announced(HAND, { frame_idx: 4 }), reread(before, [mask(3, 5)], [prompt(3, 1)]));

  assert.deepEqual(revs(state.annotations.masks[PAIR]), { 3: 5, 4: 9 });
  assert.deepEqual(revs(state.annotations.prompts[PAIR]), { 3: 1, 4: 9 });
});

test("what was deleted while a pair was read again stays away, unless it was made anew", () => {
  const before = known(openedState());
  const gone = { type: "mask_deleted", key: KEY, frame_idx: 3 };

  assert.deepEqual(revs(openedState(gone, reread(before, [mask(3, 5)])).annotations.masks[PAIR]), {});
  assert.deepEqual(revs(openedState(gone, reread(before, [mask(3, 6)])).annotations.masks[PAIR]), { 3: 6 });
});

test("an answer that is newer than what was announced counts", () => {
  const before = known(openedState());

  assert.deepEqual(revs(openedState(saved(3, 8), reread(before, [mask(3, 9)])).annotations.masks[PAIR]), { 3: 9 });
});

test("what was approved while a pair was read again stays approved", () => {
  const before = known(openedState());
  const approved = { type: "masks_approved", key: KEY, frames: [[3, 3]], approved: true };

  assert.equal(openedState(approved, reread(before, [mask(3, 5)])).annotations.masks[PAIR][3].approved, true);
});

test("of two answers about a pair the one asked for last counts, however late it is", async () => {
  const store = new Store(reduce, openedState());
  const { rereadPair } = rereadingCommands({ store });
  const first = rereadPair(KEY);
  const older = await asked(2);
  const second = rereadPair(KEY);
  const newer = await asked(2);
  for (const request of older) request.answer({ prompts: [], masks: [mask(3, 5), mask(4, 6)] });
  await first;
  for (const request of newer) request.answer({ prompts: [], masks: [mask(3, 5)] });
  await second;

  assert.deepEqual(revs(store.state.annotations.masks[PAIR]), { 3: 5 });
});

test("an instance that came while the list was read stays on it", async () => {
  const store = new Store(reduce, openedState());
  const both = [...ACK.instances, { ...ACK.instances[0], instance_id: 2 }];
  const done = instanceCommands({ store, toast: () => {} }).renameInstance(1, "driver");
  const [patch] = await asked(1);
  patch.answer({});
  const [list] = await asked(1);
  store.dispatch({ type: "instances_changed", video_id: "v", instances: both });
  list.answer({ instances: ACK.instances });
  const [again] = await asked(1);
  again.answer({ instances: both });
  await done;

  assert.deepEqual(store.state.annotations.instances.map((instance) => instance.instance_id), [1, 2]);
});

test("a keypoint that was announced while the instance was read again stays", async () => {
  const store = new Store(reduce, openedState());
  const place = { video_id: "v", instance_id: 1 };
  const left = { keypoint_id: 7, name: "left jaw", frame_idx: 3, x: 1, y: 2, visible: true };
  const right = { keypoint_id: 8, name: "right jaw", frame_idx: 4, x: 1, y: 2, visible: true };
  const ops = opCommands({ store, toast: () => {}, sender: null, ...rereadingCommands({ store }), dropPainted: () => {}, later: () => {}, now: () => 0 });
  ops.acknowledged({ seq: 1, event: "add_keypoint", data: place }, { status: "rejected", error: { code: "conflict" } });
  const [first] = await asked(1);
  store.dispatch({ type: "keypoints_changed", ...place, frame_idx: 4, keypoints: [right], undo: 1, redo: 0, client_id: "other" });
  first.answer({ keypoints: [left] });
  const [second] = await asked(1);
  second.answer({ keypoints: [left, right] });
  await new Promise((done) => store.watch((state) => state.annotations.keypoints[1].length === 2, (both) => both && done()));

  assert.deepEqual(store.state.annotations.keypoints[1].map((keypoint) => keypoint.name), ["left jaw", "right jaw"]);
});

test("an older answer about the exports does not replace a newer one", async () => {
  const store = new Store(reduce, openedState({ type: "formats_listed", exporters: [], importers: [] }));
  const exports = exportCommands({ store, toast: () => {} });
  const ended = (job_id) => exports.exportEnded({ job_id, video_id: "v", state: "done", label: "COCO" });
  const first = ended("one");
  const [older] = await asked(1);
  const second = ended("two");
  const [newer] = await asked(1);
  newer.answer({ exports: [{ export_id: "two" }, { export_id: "one" }] });
  await second;
  older.answer({ exports: [{ export_id: "one" }] });
  const [again] = await asked(1);
  again.answer({ exports: [{ export_id: "two" }, { export_id: "one" }] });
  await first;

  assert.deepEqual(store.state.exchange.exports.map((record) => record.export_id), ["two", "one"]);
});

test("a first click whose video was left before it had an instance goes nowhere", async () => {
  const store = new Store(reduce, openedState({ type: "instances_changed", video_id: "v", instances: [] }));
  const sent = [];
  const instances = instanceCommands({ store, toast: () => {} });
  const commands = promptCommands({ store, toast: () => {}, ...instances, ops: { submit: (...op) => sent.push(op) }, showPainted: () => {} });
  const done = commands.addPoint(1, 2, 1);
  const [made] = await asked(1);
  for (const fact of [{ type: "video_chosen", video_id: "other" }, { type: "video_opened", ack: OTHER }]) store.dispatch(fact);
  made.answer({ instance_id: 1 });
  const [list] = await asked(1);
  list.answer({ instances: ACK.instances });
  await done;

  assert.deepEqual([sent, store.state.annotations.instance_id], [[], null]);
});

test("a list of videos that was made before one was deleted is asked for again", async () => {
  const store = new Store(reduce, openedState({ type: "videos_listed", videos: [ACK.video, OTHER.video] }));
  const done = videoListCommands({ store, toast: () => {}, pause: async () => {} }).listVideos();
  const [first] = await asked(1);
  store.dispatch({ type: "video_deleted", video_id: "other" });
  first.answer({ videos: [ACK.video, OTHER.video] });
  const [second] = await asked(1);
  second.answer({ videos: [ACK.video] });
  await done;

  assert.deepEqual(store.state.video.list.map((video) => video.video_id), ["v"]);
});

test("a list made before a video changed its state does not hide the change", async () => {
  const store = new Store(reduce, openedState({ type: "videos_listed", videos: [ACK.video, { ...OTHER.video, state: "new" }] }));
  const done = videoListCommands({ store, toast: () => {}, pause: async () => {} }).listVideos();
  const [first] = await asked(1);
  store.dispatch({ type: "video_progress", ...OTHER.video, state: "failed" });
  first.answer({ videos: [ACK.video, { ...OTHER.video, state: "new" }] });
  const [second] = await asked(1);
  second.answer({ videos: [ACK.video, { ...OTHER.video, state: "failed" }] });
  await done;

  assert.deepEqual(store.state.video.list.map((video) => video.state), [ACK.video.state, "failed"]);
});

test("an older answer about the models does not replace a newer one", async () => {
  const store = new Store(reduce, openedState());
  const { readModel } = modelCommands({ store, toast: () => {}, ops: null });
  const first = readModel();
  const [older] = await asked(1);
  const second = readModel();
  const [newer] = await asked(1);
  newer.answer({ models: [{ name: "new", state: "selected" }] });
  await second;
  older.answer({ models: [{ name: "old", state: "selected" }] });
  await first;

  assert.equal(store.state.session.model.name, "new");
});

test("a model that is in use before the choice of it was answered is told", async () => {
  const store = new Store(reduce, openedState());
  const said = [];
  const { chooseModel, modelEnded, readModel } = modelCommands({ store, toast: ({ message }) => said.push(message), ops: null });
  const models = (selected) => ({ models: ["old", "new"].map((name) => ({ name, label: `Model ${name}`, state: name === selected ? "selected" : "ready" })) });
  const answered = async (body) => (await asked(1))[0].answer(body);
  const first = readModel();
  await answered(models("old"));
  await first;
  const choosing = chooseModel("new");
  await answered({});
  await answered(models("new"));
  await choosing;
  const ended = modelEnded({ state: "done" });
  await answered(models("new"));
  await ended;

  assert.deepEqual(said, ["Model new is in use now."]);
});

test("answers in the order of their questions all count", async () => {
  const inOrder = answersInOrder();

  assert.deepEqual([await inOrder(async () => 1), await inOrder(async () => 2)], [1, 2]);
});

test("the answer to an older question than the last one's is left", async () => {
  const inOrder = answersInOrder();
  let answerFirst;
  const first = inOrder(() => new Promise((answer) => (answerFirst = answer)));
  const second = await inOrder(async () => 2);
  answerFirst(1);

  assert.deepEqual([await first, second, await inOrder(async () => 3)], [null, 2, 3]);
});

test("a question that fails does not hide the answer to the one before", async () => {
  const inOrder = answersInOrder();
  let answerFirst;
  const first = inOrder(() => new Promise((answer) => (answerFirst = answer)));
  await assert.rejects(inOrder(async () => Promise.reject(new Error("offline"))));
  answerFirst(1);

  assert.equal(await first, 1);
});

/** Answer the second of two readings before the first; the state after both. */
async function secondFirst(store, read, requests, bodies) {
  const first = read();
  const older = await asked(requests);
  const second = read();
  const newer = await asked(requests);
  for (const request of newer) request.answer(bodies[1]);
  await second;
  for (const request of older) request.answer(bodies[0]);
  await first;
  return store.state;
}

test("an older list of the trash does not replace a newer one", async () => {
  const store = new Store(reduce, openedState());
  const none = async () => {};
  const { showTrash } = trashCommands({ store, toast: () => {}, listVideos: none, openVideo: none, readExports: none, showExport: none, listBatches: none, openBatch: none });
  const trash = (...items) => ({ items, bytes: 0, days: 30, max_bytes: 0, dropped: [] });
  const state = await secondFirst(store, showTrash, 1, [trash({ trash_id: "gone" }), trash()]);

  assert.deepEqual(state.trash.list.items, []);
});

test("an older list of runs does not replace a newer one", async () => {
  const store = new Store(reduce, openedState());
  const { showRuns } = runHistoryCommands({ store, toast: () => {}, ops: null, later: () => {}, showBefore: async () => {}, watchRepair: () => {} });
  const state = await secondFirst(store, showRuns, 1, [{ runs: [], bytes: 0 }, { runs: [{ run: 1 }], bytes: 5 }]);

  assert.deepEqual([state.run_history.list, state.run_history.bytes], [[{ run: 1 }], 5]);
});

test("older suspicions do not replace newer ones", async () => {
  const store = new Store(reduce, openedState());
  const { showSuspicions } = suspicionCommands({ store, toast: () => {}, step: () => {}, later: () => {} });
  const state = await secondFirst(store, showSuspicions, 1, [{ stops: [{ stop: 1 }] }, { stops: [] }]);

  assert.deepEqual(state.suspicion.stops, []);
});

test("an older list of videos does not take away a newer video", async () => {
  const store = new Store(reduce, openedState());
  const { listVideos } = videoListCommands({ store, toast: () => {}, pause: async () => {} });
  const state = await secondFirst(store, listVideos, 1, [{ videos: [ACK.video] }, { videos: [ACK.video, OTHER.video] }]);

  assert.deepEqual(state.video.list.map((video) => video.video_id), ["v", "other"]);
});

test("rules between regions that were announced while they were read stay", async () => {
  const store = new Store(reduce, openedState());
  const soon = [];
  regionRuleCommands({ store, toast: () => {}, step: () => {}, later: (_, read) => soon.push(read) });
  store.dispatch({ type: "connection_changed", connection: "online" });
  soon.at(-1)();
  const [first] = await asked(1);
  const rules = { whole: "overall", parts: ["shaft"], inside: true, exclusive: false, union: false };
  store.dispatch({ type: "region_rules_changed", rules });
  first.answer({ rules: null });
  const [second] = await asked(1);
  second.answer({ rules });
  await new Promise((done) => setImmediate(done));

  assert.deepEqual(store.state.region_rules.rules, rules);
});
