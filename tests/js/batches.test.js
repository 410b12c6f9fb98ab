import assert from "node:assert/strict";
import { test } from "node:test";

import { batchCommands } from "../../static/js/commands/batches.js";
import { batchItemCommands } from "../../static/js/commands/batch_items.js";
import { nameFor } from "../../static/js/commands/batch_making.js";
import { annotatedShare, annotatedWords, currentItem, endWords, exportWords, framesTyped, itemTitle, listedVideos, neighbour, newestExport, numbersTyped, otherCounts, peopleWords, processingWords } from "../../static/js/core/batches.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { openedState } from "./opened_state.js";

const COUNTS = { todo: 2, annotated: 0, previewed: 0, queued: 0, processing: 0, processed: 0, approved: 0, skipped: 0, failed: 0 };
const item = (number, video_id, fields = {}) => ({
  item: number, video_id, name: `${video_id}.mp4`, state: "todo", done: 0, total: 0, error: null, clients: [], saved: false, rejected: null,
  note: "", can_undo_reset: false, ...fields,
});
const FACTS = {
  batch_id: "b", name: "b", created_at: 0, counts: COUNTS, settings: { offset: 0, background: "#00ff00", start_item: 1, carry_names: false },
  job_id: null, on_hold: false, cutting: null, error: null,
};
const BATCH = { ...FACTS, items: [item(1, "v"), item(2, "w"), item(3, "x")] };
const summary = (fields = {}) => ({ ...FACTS, items: 3, video_ids: ["v", "w", "x"], ...fields });
const announced = (items, fields = {}) => ({ type: "batch_changed", ...FACTS, num_items: 3, items, ...fields });
const withBatch = (...actions) => openedState({ type: "batches_listed", batches: [summary()] }, { type: "batch_opened", batch: BATCH }, ...actions);

test("videos of a batch are listed beneath it, also before the batches are known", () => {
  const row = (video_id, name, source = null) => ({ video_id, name, source });
  const list = [row("a", "clip.mp4"), row("b", "clip 1.mp4", { video_id: "a" }), row("c", "folder/part 1.mp4")];
  const names = (batches, search = "") => listedVideos({ video: { list, search }, batches: { list: batches } }).map(({ video_id }) => video_id);

  assert.deepEqual(names(null), ["a"]);
  assert.deepEqual(names([]), ["a", "b", "c"]);
  assert.deepEqual(names([{ video_ids: ["b", "a"] }]), ["c"]);
  assert.deepEqual(names([{ video_ids: ["b"] }], " CLIP"), ["a", "b"]);
});

test("batches are not listed again for every item that changes before they were listed once", async (t) => {
  const asked = [];
  t.mock.method(globalThis, "fetch", (url) => {
    asked.push(String(url));
    return Promise.resolve(new Response(JSON.stringify({ batches: [summary()] }), { headers: { "Content-Type": "application/json" } }));
  });
  const store = new Store(reduce, openedState());
  const commands = batchCommands({ store, toast: () => {}, address: { batch: null }, enterNext: async () => {}, readBatchExports: async () => {} });
  for (const changed of [announced([item(1, "v")]), announced([item(2, "w")])]) await commands.batchChanged(changed);
  assert.equal(asked.length, 0);

  store.dispatch({ type: "batches_listed", batches: [] });
  await commands.batchChanged(announced([item(3, "x")]));
  assert.equal(asked.length, 1);
});

/** Answer each address once told to; the commands over a store to which events can be announced. */
function answeringLater(t) {
  const waiting = new Map();
  t.mock.method(globalThis, "fetch", (url) => new Promise((resolve) => waiting.set(String(url), resolve)));
  const store = new Store(reduce, openedState({ type: "batches_listed", batches: [] }));
  const commands = batchCommands({ store, toast: () => {}, address: { batch: null }, enterNext: async () => {}, readBatchExports: async () => {} });
  const answer = (url, body) => waiting.get(url)(new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } }));
  const announce = (event) => {
    store.dispatch(event);
    return event.type === "batch_deleted" ? commands.batchDeleted({ ...event, name: "b", trash_id: "t", by: null }) : commands.batchChanged(event);
  };
  return { store, commands, answer, announce };
}

test("segments that are announced before the answer to an older question are shown after it", async (t) => {
  const { store, commands, answer, announce } = answeringLater(t);
  const opening = commands.openBatch("b");
  announce(announced(BATCH.items));
  answer("/api/batches/b", { ...BATCH, items: [], cutting: "v" });
  await opening;

  assert.deepEqual(store.state.batches.open.items, BATCH.items);
  assert.equal(store.state.batches.open.cutting, null);
});

test("a list that is older than what was announced does not hide it", async (t) => {
  const { store, commands, answer, announce } = answeringLater(t);
  const listing = commands.listBatches();
  announce(announced(BATCH.items));
  announce({ ...announced(BATCH.items), batch_id: "gone" });
  announce({ type: "batch_deleted", batch_id: "gone" });
  answer("/api/batches", { batches: [summary({ batch_id: "gone" })] });
  await listing;

  assert.deepEqual(store.state.batches.list.map(({ batch_id }) => batch_id), ["b"]);
});

test("a batch that is deleted while it is read is not opened", async (t) => {
  const { store, commands, answer, announce } = answeringLater(t);
  const opening = commands.openBatch("b");
  announce({ type: "batch_deleted", batch_id: "b" });
  answer("/api/batches/b", BATCH);
  await opening;

  assert.equal(store.state.batches.open, null);
});

test("the item on screen is the one whose video is open, or being opened", () => {
  assert.equal(currentItem(withBatch()).item, 1);
  assert.equal(currentItem(withBatch({ type: "video_chosen", video_id: "x" })).item, 3);
  assert.equal(currentItem(withBatch({ type: "video_chosen", video_id: "elsewhere" })), null);
  assert.equal(currentItem(openedState()), null);
});

test("neighbours end at either end; from elsewhere they begin there", () => {
  assert.equal(neighbour(withBatch(), 1).item, 2);
  assert.equal(neighbour(withBatch(), -1), null);
  assert.equal(neighbour(withBatch({ type: "video_chosen", video_id: "elsewhere" }), -1).item, 3);
});

test("changed items take the places of their numbers, in the list and in the open batch", () => {
  const state = withBatch(announced([item(2, "w", { state: "annotated" })], { counts: { ...COUNTS, annotated: 1 } }));

  assert.deepEqual(state.batches.open.items.map((listed) => listed.state), ["todo", "annotated", "todo"]);
  assert.deepEqual([state.batches.list[0].items, state.batches.list[0].counts.annotated], [3, 1]);
  assert.deepEqual(state.batches.list[0].video_ids, ["v", "w", "x"]);
});

test("new items take their places, in whichever order they are announced", () => {
  const cut = openedState({ type: "batch_opened", batch: { ...BATCH, items: [] } }, announced([item(2, "w")]), announced([item(3, "x")]), announced([item(1, "v")]));

  assert.deepEqual(cut.batches.open.items.map(({ video_id }) => video_id), ["v", "w", "x"]);
});

test("what is exported of a batch is that of the open one", () => {
  const listed = (batch_id) => ({ type: "batch_exports_listed", batch_id, exports: [{ format: "coco", folder: "", files: 3, changed_at: 1 }, { format: "cut_out", folder: "", files: 3, changed_at: 2 }] });
  const known = withBatch(listed("b"), listed("c"));

  assert.equal(newestExport(known.batches.exports).format, "cut_out");
  assert.equal(exportWords(newestExport(known.batches.exports)), "Download cut out");
  assert.deepEqual(withBatch(listed("c")).batches.exports, []);
  assert.deepEqual(reduce(known, { type: "batch_opened", batch: { ...BATCH, batch_id: "c" } }).batches.exports, []);
});

test("a batch that is announced whole takes another order and length", () => {
  const state = withBatch(announced([item(1, "x"), item(2, "v")], { num_items: 2 }));

  assert.deepEqual(state.batches.open.items.map(({ video_id }) => video_id), ["x", "v"]);
  assert.deepEqual(state.batches.list[0].video_ids, ["x", "v"]);
});

test("an announcement without items, to a page that missed some, changes the counts only", () => {
  const state = withBatch(announced(null, { counts: { ...COUNTS, annotated: 2 } }));

  assert.deepEqual([state.batches.open.counts.annotated, state.batches.open.items.length], [2, 3]);
  assert.equal(state.batches.list[0].items, 3);
});

test("another person's new batch joins the list, a deleted one leaves it and closes", () => {
  const made = withBatch(announced([item(1, "y")], { batch_id: "c", num_items: 1 }));
  assert.deepEqual(made.batches.list.map(({ batch_id }) => batch_id), ["b", "c"]);
  assert.equal(made.batches.open.batch_id, "b");

  const gone = reduce(made, { type: "batch_deleted", batch_id: "b", name: "b" });
  assert.deepEqual([gone.batches.open, gone.batches.list.length], [null, 1]);
});

test("a batch stays open from video to video, cuts belong to one video", () => {
  const state = withBatch({ type: "cut_toggled", frame_idx: 40 }, { type: "cut_toggled", frame_idx: 7 }, { type: "cut_toggled", frame_idx: 9 }, { type: "cut_toggled", frame_idx: 9 });
  assert.deepEqual(state.batches.cuts, [7, 40]);

  const next = reduce(state, { type: "video_chosen", video_id: "w" });
  assert.deepEqual([next.batches.cuts, next.batches.open.batch_id], [[], "b"]);
});

test("the processing of a batch is kept by its batch, other jobs are not", () => {
  const job = { type: "job_progress", job_id: "j", kind: "batch", batch_id: "b", state: "running", done: 1, total: 9 };
  const state = withBatch(job, { ...job, job_id: "k", kind: "export", batch_id: undefined });

  assert.deepEqual(Object.keys(state.batches.jobs), ["b"]);
});

test("counts leave out what is skipped", () => {
  assert.equal(annotatedWords({ ...COUNTS, todo: 45, annotated: 10, processed: 5, approved: 2, skipped: 3 }), "17 of 62 annotated");
  assert.equal(annotatedShare({ ...COUNTS, todo: 2, annotated: 1, processed: 3, approved: 2, failed: 2, skipped: 40 }), 60);
  assert.equal(otherCounts({ ...COUNTS, todo: 2, processed: 10, approved: 2, failed: 1, skipped: 4 }), "12 processed · 2 approved · 1 failed · 4 skipped");
  assert.equal(otherCounts({ ...COUNTS, todo: 2 }), "");
});

test("several people on an item are listed, the last one behind an and", () => {
  assert.deepEqual([[], ["Ada"], ["Ada", "Somebody"], ["Ada", "Ben", "Cy"]].map(peopleWords), ["", "Ada is on it", "Ada and Somebody are on it", "Ada, Ben and Cy are on it"]);
});

test("progress says where it is, how far, and how long it takes", () => {
  const job = { items_done: 2, items_total: 12, done: 45, total: 100, eta_s: 130, on_hold: false, state: "running" };

  assert.equal(processingWords(job), "Processing item 3 of 12 · 45 % · 2:10 left");
  assert.equal(processingWords({ ...job, on_hold: true }), "On hold at item 3 of 12 · 45 %");
  assert.equal(endWords({ ...job, state: "done", note: null }), "12 items processed");
  assert.equal(endWords({ ...job, state: "cancelled", note: null }), "Processing stopped after 2 of 12 items");
});

test("a title names the state, why it failed, and that somebody is on it", () => {
  const session = { ...openedState().session, client_id: "me" };
  assert.equal(itemTitle(session, item(2, "w", { clients: ["me"] })), "Item 2: w.mp4 · to do");
  assert.equal(itemTitle(session, item(2, "w", { clients: ["me", "ada"], names: ["", "Ada"], state: "failed", error: { message: "It is damaged." } })), "Item 2: w.mp4 · failed · It is damaged. · Ada is on it");
  assert.equal(itemTitle(session, item(2, "w", { rejected: "blurred", note: "Started from the last mask." })), "Item 2: w.mp4 · to do · to redo: blurred · Started from the last mask.");
  assert.equal(itemTitle(session, item(2, "w", { rejected: "" })), "Item 2: w.mp4 · to do · to redo");
  assert.equal(itemTitle(session, item(2, "w", { state: "processing", done: 12, total: 90 })), "Item 2: w.mp4 · processing 12 / 90");
  assert.equal(itemTitle(session, item(2, "w", { state: "processing" })), "Item 2: w.mp4 · processing");
});

test("typed frames are read, anything else is refused", () => {
  assert.deepEqual(framesTyped(" 120, 480;900 1 "), [120, 480, 900, 1]);
  assert.deepEqual(framesTyped(""), []);
  assert.equal(framesTyped("12, x"), null);
  assert.equal(framesTyped("1.5"), null);
});

test("typed item numbers are read, ranges too; what is no item is refused", () => {
  assert.deepEqual(numbersTyped("2-4, 1; 3", 5), [1, 2, 3, 4]);
  assert.deepEqual(["6", "0", "4-2", "x", "1-"].map((text) => numbersTyped(text, 5)), [null, null, null, null, null]);
});

test("a batch is named after what its files have in common", () => {
  assert.equal(nameFor(["part_001.mp4", "part_012.mp4"]), "part");
  assert.equal(nameFor(["a.mp4", "b.mp4"]), "2 videos");
});

/** Commands over a batch, with the answers that a server gives to steps. */
function page(answers = {}, state = withBatch()) {
  const store = new Store(reduce, state);
  const [steps, opened, said] = [[], [], []];
  const submit = (event, data) => {
    steps.push(`${data.verb} ${data.item}`);
    const answer = answers[data.verb] ?? {};
    return { answer: Promise.resolve({ status: "applied", item: null, next: null, counts: COUNTS, ...answer }) };
  };
  const openVideo = async (video_id, place) => void opened.push([video_id, place]);
  return { store, steps, opened, said, ...batchItemCommands({ store, ops: { submit }, toast: (toast) => said.push(toast), openVideo }) };
}

test("save goes to the next item to do, with the same pair", async () => {
  const { saveItem, steps, opened, store } = page({ save: { item: item(1, "v", { state: "annotated" }), next: item(3, "x") } });
  await saveItem();

  assert.deepEqual(steps, ["save 1"]);
  assert.deepEqual(opened, [["x", { instance_id: 1, region: "shaft" }]]);
  assert.equal(store.state.batches.open.items[0].state, "annotated");
});

test("without a batch, or outside of its items, the keys are left to others", () => {
  assert.deepEqual(["saveItem", "skipItem", "resetItem", "processItem", "nextItem"].map((name) => page({}, openedState())[name]()), [false, false, false, false, false]);
  assert.equal(page({}, withBatch({ type: "video_chosen", video_id: "elsewhere" })).saveItem(), false);
});

test("a refused save stays where it is", async () => {
  const { saveItem, opened, said } = page({ save: { status: "rejected", error: { code: "nothing_to_do" } } });
  await saveItem();

  assert.deepEqual([opened, said], [[], []]); // the queue of ops tells of it
});

test("a user who went elsewhere while the answer was on its way is not called back", async () => {
  const { saveItem, opened, store } = page({ save: { next: item(2, "w") } });
  const saved = saveItem();
  store.dispatch({ type: "video_chosen", video_id: "x" });
  await saved;

  assert.deepEqual(opened, []);
});

test("a press too many while the next item opens does nothing", async () => {
  const { saveItem, skipItem, steps, store } = page({ save: { next: item(2, "w") } });
  const saved = saveItem();
  assert.equal(saveItem(), undefined);
  await saved;
  store.dispatch({ type: "video_chosen", video_id: "w" });

  assert.equal(skipItem(), undefined);
  assert.deepEqual(steps, ["save 1"]);
});

test("after the last item processing is offered", async () => {
  const { saveItem, said } = page({ save: { counts: { ...COUNTS, todo: 0, annotated: 3 } } });
  await saveItem();

  assert.deepEqual([said[0].message, said[0].action], ["No item is left to do.", "showProcessing"]);

  const shared = page({ save: { counts: { ...COUNTS, todo: 1, annotated: 2 } } });
  await shared.saveItem();
  assert.equal(shared.said[0].message, "Others are on the items that are still to do.");
});

test("skip goes on, and takes a skipped item in again", async () => {
  const skipping = page({ skip: { next: item(2, "w") } });
  await skipping.skipItem();
  assert.deepEqual([skipping.steps, skipping.opened[0][0]], [["skip 1"], "w"]);

  const skipped = page({}, withBatch(announced([item(1, "v", { state: "skipped" })])));
  await skipped.skipItem();
  assert.deepEqual([skipped.steps, skipped.opened], [["unskip 1"], []]);
});

test("reset offers its undo, and the same key brings the prompts back", async () => {
  const { resetItem, said, steps, store } = page({ reset: { item: item(1, "v", { can_undo_reset: true }) } });
  await resetItem();
  assert.deepEqual([said[0].action, said[0].args], ["undoReset", ["b", 1]]);

  assert.equal(store.state.batches.open.items[0].can_undo_reset, true);
  await resetItem();
  assert.deepEqual(steps, ["reset 1", "undo_reset 1"]);
});

test("process now runs the item and goes on", async () => {
  const { processItem, steps, opened } = page({ next: { next: item(2, "w") } });
  await processItem();

  assert.deepEqual([steps, opened[0][0]], [["process 1", "next 1"], "w"]);
});

test("a number beyond the end is the last item; whoever is on it is said", async () => {
  const { goToItem, steps, opened, said } = page({}, withBatch(announced([item(3, "x", { clients: ["ada"] })])));
  await goToItem(99);

  assert.deepEqual([steps, opened[0][0], said[0].message], [["enter 3"], "x", "Item 3: Somebody is on it, too."]);
});

test("opening a batch asks the server for an item nobody is on", async () => {
  const { enterNext, steps, opened } = page({ next: { next: item(2, "w") } }, withBatch({ type: "video_chosen", video_id: "elsewhere" }));
  await enterNext();
  assert.deepEqual([steps, opened[0][0]], [["next 3"], "w"]);

  const last = page({}, withBatch({ type: "video_chosen", video_id: "elsewhere" }));
  await last.enterNext();
  assert.deepEqual([last.steps, last.opened[0][0]], [["next 3", "enter 3"], "x"]);
});
