/** Cells of a review: what is shown, in which order, and how facts of the server change them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readAddress, reviewBehind, workAddress, writeAddress } from "../../static/js/core/review/address.js";
import { numbersOf, stateOf } from "../../static/js/core/review/cells.js";
import { ALL, isShown, pairChoices, stepFor } from "../../static/js/core/review/filters.js";
import { bodyOf, requestsFor, toggled } from "../../static/js/core/review/judgements.js";
import { REVIEW_KEYS } from "../../static/js/core/review/keys.js";
import { cellsMeant, NO_REVIEW, reduceReview } from "../../static/js/core/review/state.js";
import { cellWords, instanceTitle } from "../../static/js/core/review/words.js";

const KEY = { video_id: "v", instance_id: 1, region: "shaft" };
const VIDEO = { video_id: "v", name: "clip.mp4", num_frames: 100, width: 160, height: 90, instances: [{ instance_id: 1, name: "tool", colour: "#f2a33a" }] };
const row = (frame_idx, facts = {}) => ({ ...KEY, frame_idx, state: "waiting", prompted: false, rev: 5, score: 6, flags: [], stale: false, absent: false, reason: null, ...facts });
const ROWS = [
  row(0, { prompted: true, score: 8 }),
  row(1, { score: 1.5 }),
  row(2, { flags: ["lost"], score: -3 }),
  row(3, { state: "approved" }),
  row(4, { state: "rejected", reason: "Wrong object" }),
  row(5, { state: "missing", rev: undefined, score: undefined }),
];

const after = (state, ...actions) => actions.reduce(reduceReview, state);
const opened = (filters = {}, cell = null) =>
  after(NO_REVIEW, { type: "review_opened", video_id: "v", batch_id: null, cell, filters: { ...ALL, ...filters } }, { type: "cells_read", rows: ROWS, videos: [VIDEO], is_first: true }, { type: "reading_ended" });
const frames = ({ shown, cells }) => shown.map((id) => cells.get(id).frame_idx);

test("numbers count every cell once", () => {
  assert.deepEqual(numbersOf(opened().cells.values()), { cells: 6, approved: 1, rejected: 1, waiting: 3, missing: 1 });
});

test("filters choose by state, score, flag, region and what is suspicious", () => {
  assert.deepEqual(frames(opened({ state: "waiting" })), [0, 1, 2]);
  assert.deepEqual(frames(opened({ show: "suspicious" })), [1, 2]);
  assert.deepEqual(frames(opened({ show: "prompted" })), [0]);
  assert.deepEqual(frames(opened({ flag: "lost" })), [2]);
  assert.deepEqual(frames(opened({ score: "unsure" })), [1, 2]);
  assert.deepEqual(frames(opened({ region: "wrist" })), []);
  assert.deepEqual(frames(opened({ show: "flagged" })), [2]);
  assert.deepEqual(frames(opened({ score: "sure" })).includes(1), false);
});

test("a cell is shown if one of its masks is of the chosen instance and region", () => {
  const cell = { id: "3", video_id: "v", item: null, frame_idx: 3, masks: [{ instance_id: 1, region: "shaft" }, { instance_id: 2, region: "wrist" }] };
  const shown = (instance, region) => isShown(cell, { ...ALL, instance, region });

  assert.deepEqual([shown("1", "any"), shown("3", "any"), shown("any", "wrist"), shown("any", "jaw")], [true, false, true, false]);
  assert.deepEqual([shown("1", "shaft"), shown("2", "wrist"), shown("1", "wrist"), shown("2", "shaft")], [true, true, false, false]);
  assert.deepEqual(pairChoices([cell, { masks: [{ instance_id: 11, region: "shaft" }] }]), { instances: [1, 2, 11], regions: ["shaft", "wrist"] });
});

test("the worst come first: flagged, then by score, then missing, then what is judged", () => {
  assert.deepEqual(frames(opened({ sort: "worst" })), [2, 1, 0, 5, 4, 3]);
});

test("what is shown keeps its place until the order is renewed; the numbers change at once", () => {
  const state = opened({ state: "waiting" });
  const judged = after(state, { type: "masks_approved", key: KEY, frames: [[0, 1]], approved: true });
  assert.deepEqual(frames(judged), [0, 1, 2]);
  assert.equal(numbersOf(judged.cells.values()).approved, 3);
  assert.deepEqual(frames(after(judged, { type: "order_renewed" })), [2]);
});

test("a saved mask is neither approved nor rejected; a deleted one is missing", () => {
  const saved = after(opened(), { type: "mask_saved", saved: [{ key: KEY, frame_idx: 4, rev: 9, score: 7 }, { key: KEY, frame_idx: 5, rev: 9, score: 7 }] });
  assert.deepEqual(numbersOf(saved.cells.values()), { cells: 6, approved: 1, rejected: 0, waiting: 5, missing: 0 });
  assert.equal(saved.cells.get("4/1/shaft").masks[0].rev, 9);
  assert.equal(stateOf(after(saved, { type: "mask_deleted", key: KEY, frame_idx: 4 }).cells.get("4/1/shaft")), "missing");
});

test("a whole list that is read again leaves what is shown where it is, and new cells come to it", () => {
  const state = after(opened({ state: "waiting" }), { type: "cells_replaced", rows: [...ROWS.slice(0, 1), row(1, { state: "approved" }), ...ROWS.slice(2), row(6)], videos: [VIDEO] });
  assert.deepEqual(frames(state), [0, 1, 2, 6]);
});

test("an answer that was overtaken takes nothing back", () => {
  const state = opened();
  const judged = after(state, { type: "masks_approved", key: KEY, frames: [[0, 0]], approved: false, rejected: true, reason: "ragged" });
  const read = after(judged, { type: "cells_replaced", rows: [row(0), row(1, { state: "approved" })], videos: [VIDEO], asked: state.cells });
  assert.deepEqual(["0/1/shaft", "1/1/shaft"].map((id) => stateOf(read.cells.get(id))), ["rejected", "approved"]);
});

test("a person comes back to a cell, whatever it has become", () => {
  const state = opened({ state: "waiting" }, "3/1/shaft");
  assert.deepEqual([frames(state), state.active], [[0, 1, 2, 3], "3/1/shaft"]);
});

test("Shift extends from where the selection began, Ctrl adds, a plain click selects none", () => {
  const extended = after(opened(), { type: "cell_chosen", id: "1/1/shaft" }, { type: "cell_chosen", id: "3/1/shaft", extend: true });
  assert.deepEqual(cellsMeant(extended).map((cell) => cell.frame_idx), [1, 2, 3]);
  const added = after(extended, { type: "cell_chosen", id: "5/1/shaft", toggle: true });
  assert.deepEqual(cellsMeant(added).map((cell) => cell.frame_idx), [1, 2, 3, 5]);
  const plain = after(added, { type: "cell_chosen", id: "0/1/shaft" });
  assert.deepEqual(cellsMeant(plain).map((cell) => cell.frame_idx), [0]);
  assert.equal(cellsMeant(after(plain, { type: "all_selected" })).length, 6);
});

test("an item of a batch is one cell with all masks of its frame", () => {
  const rows = [{ ...row(0), item: 2 }, { ...row(0, { region: "wrist", state: "approved" }), region: "wrist", item: 2 }, { item: 3, video_id: "w", instance_id: null, region: null, frame_idx: 0, state: "missing", prompted: false }];
  const state = after(NO_REVIEW, { type: "review_opened", video_id: null, batch_id: "b", cell: null, filters: ALL }, { type: "cells_read", rows, videos: [{ ...VIDEO, item: 2 }], name: "long", is_first: true });
  assert.deepEqual([...state.cells.values()].map((cell) => [cell.id, cell.masks.length, stateOf(cell)]), [["item/2", 2, "waiting"], ["item/3", 0, "missing"]]);
  const judged = after(state, { type: "masks_approved", key: KEY, frames: [[0, 0]], approved: true });
  assert.equal(stateOf(judged.cells.get("item/2")), "approved");
});

test("many cells become one request for each pair and state; what is so already needs none", () => {
  const requests = requestsFor([...opened().cells.values()], () => ({ state: "approved", reason: null }));
  assert.deepEqual(requests.map((request) => [request.key, bodyOf(request)]), [
    [KEY, { frames: [[0, 2]], approved: true }],
    [KEY, { frames: [[4, 4]], approved: true }],
  ]);
  const [undo] = requestsFor([opened().cells.get("4/1/shaft")], () => ({ state: "waiting", reason: null }));
  assert.deepEqual(bodyOf(undo), { frames: [[4, 4]], rejected: false });
});

test("the key takes back what all meant cells are already", () => {
  const { cells } = opened();
  assert.equal(toggled([cells.get("3/1/shaft")], "approved"), "waiting");
  assert.equal(toggled([cells.get("3/1/shaft"), cells.get("0/1/shaft")], "approved"), "approved");
  assert.equal(toggled([cells.get("5/1/shaft")], "approved"), "approved");
});

test("the address keeps filters and cell, and the work page finds its way back", () => {
  const filters = { ...ALL, state: "waiting", sort: "worst", every: 5, size: 320 };
  const search = writeAddress({ video_id: "v", batch_id: null, cell: "12/1/shaft", filters });
  assert.deepEqual(readAddress(search), { video_id: "v", batch_id: null, cell: "12/1/shaft", filters });
  const work = new URL(workAddress(opened().cells.get("2/1/shaft"), search), "http://host");
  assert.deepEqual([work.pathname, work.searchParams.get("frame"), work.searchParams.get("pair")], ["/", "2", "1/shaft"]);
  assert.equal(reviewBehind(work.search), `/review${search}`);
  assert.equal(reviewBehind("?video=v"), null);
  assert.equal(reviewBehind("?review=//elsewhere.example"), "/review");
});

test("nonsense in the address is as usual", () => {
  assert.deepEqual(readAddress("?video=v&state=odd&every=-3&size=9999").filters, { ...ALL, size: 480 });
});

test("a long video is listed by steps", () => {
  assert.deepEqual([5000, 20_000, 90_000, 10 ** 8].map(stepFor), [1, 1, 5, 1000]);
});

test("a cell says in words what it is", () => {
  const { cells, videos } = opened();
  assert.equal(cellWords(cells.get("4/1/shaft"), videos.get("v")), "Frame 4, 1 shaft, redo: Wrong object, sure (100 %)");
});

test("a cell of an item names the item, counts its masks, and says once what holds for any of them", () => {
  const mask = (fields = {}) => ({ instance_id: 1, region: "shaft", state: "waiting", prompted: false, flags: [], score: null, ...fields });
  const cell = (...masks) => ({ id: "item/17", video_id: "v", item: 17, frame_idx: 4, masks });
  const video = { name: "part 17.mp4" };

  assert.equal(cellWords(cell(mask()), video), "17 · part 17.mp4, 1 mask, to look at");
  assert.equal(cellWords(cell(mask(), mask({ state: "missing" }), mask({ stale: true, prompted: true })), video), "17 · part 17.mp4, 2 masks, to look at, stale, with prompts");
  assert.equal(cellWords(cell(mask({ state: "missing" })), video), "17 · part 17.mp4, 0 masks, no mask");
  assert.equal(cellWords(cell(mask({ state: "rejected", reason: "Ragged edge" }), mask({ state: "rejected", reason: "Ragged edge" }), mask({ state: "rejected" })), undefined), "17 · , 3 masks, redo: Ragged edge");
  assert.equal(cellWords(cell(mask({ state: "approved", absent: true })), video), "17 · part 17.mp4, 1 mask, approved, marked absent");
});

test("an instance is named as in the first video that has it, else by its number", () => {
  const videos = new Map([["v", { instances: [{ instance_id: 1, name: "hook" }] }], ["w", { instances: [{ instance_id: 2, name: "tool" }, { instance_id: 1, name: "other" }] }]]);

  assert.deepEqual([1, 2, 3].map((instance_id) => instanceTitle(instance_id, videos)), ["1 · hook", "2 · tool", "3"]);
});

test("no key is given twice", () => {
  const keys = REVIEW_KEYS.flatMap((found) => found.keys);
  assert.equal(new Set(keys).size, keys.length);
});
