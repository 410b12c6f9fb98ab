import assert from "node:assert/strict";
import { test } from "node:test";

import { importCommands } from "../../static/js/commands/imports.js";
import { chosenFormat, counts, exportRows, grouped, optionLabel, optionValues, orderOf, readWishes, refusalOf, refused, summary } from "../../static/js/core/exports.js";
import { becomesWords, byFrame, countWords, mayBeVideo, NO_CHOICES, obstacle, offsetWords, optionsOf, orderedNotes, slotChoices, slotOf, subjectWords, wishOf } from "../../static/js/core/imports.js";
import { jobCards, jobFacts, jobTitle } from "../../static/js/core/jobs.js";
import { reduce } from "../../static/js/core/reducer.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { Store } from "../../static/js/core/store.js";
import { ACK, openedState } from "./opened_state.js";

const option = (name, value, more = {}) => ({ name, kind: typeof value === "boolean" ? "bool" : "choice", default: value, help: "", choices: [], low: null, high: null, ...more });
const MASKS = { name: "masks_zip", label: "Masks", group: "Own", holds: ["masks"], options: [option("layout", "pairs", { choices: ["pairs", "ids"] }), option("soft_edge", false)] };
const TABLES = { name: "tables", label: "Tables", group: "Own", holds: ["prompts", "keypoints"], options: [] };
const COCO = { name: "coco", label: "COCO", group: "Training", holds: ["masks"], options: [] };
const PAIR = "1/shaft";
const afterwards = (...actions) => openedState(...actions);
const wish = (wishes) => ({ type: "export_wished", wishes });
const reach = (changes) => ({ type: "export_reach_changed", reach: changes });
const refusedBy = (state, format = MASKS) => refused(state, state.view.wishes, format, PAIR)?.field ?? null;

test("formats stand under their headings, and the first is chosen until one is", () => {
  const formats = [MASKS, COCO, TABLES];

  assert.deepEqual(grouped(formats).map(({ group, formats: own }) => [group, own.length]), [["Own", 2], ["Training", 1]]);
  assert.equal(chosenFormat(formats, readWishes({ format: "gone" })), MASKS);
  assert.equal(chosenFormat(formats, readWishes({ format: "coco" })), COCO);
  assert.deepEqual(["soft_edge", "tolerance_px"].map(optionLabel), ["Soft edge", "Tolerance (px)"]);
});

test("options are remembered for each format, and only those it has", () => {
  const choose = (name, value) => ({ type: "export_option_chosen", format: "masks_zip", name, value });
  const state = afterwards(choose("layout", "ids"), choose("soft_edge", "yes"), choose("gone", 3));

  assert.deepEqual(optionValues(MASKS, state.view.wishes), { layout: "ids", soft_edge: false });
  assert.deepEqual(optionValues(MASKS, reduce(state, { type: "export_options_reset", format: "masks_zip" }).view.wishes), { layout: "pairs", soft_edge: false });
});

test("without a choice every pair and frame is exported", () => {
  const { options } = orderOf(afterwards(reach({ pairs: "all", frames: "all" })), openedState().view.wishes, MASKS, PAIR);

  assert.deepEqual([options.pairs, options.start, options.end], ["all", 0, 99]);
});

test("wishes of another version are read as far as they can be meant", () => {
  assert.deepEqual(readWishes({ format: 3, approved_only: "yes", stale: "x", options: { coco: 1, davis: {} } }), { format: null, approved_only: false, stale: "keep", options: { davis: {} } });
  assert.equal(readWishes("[]").stale, "keep");
});

test("an export that would be empty says which choice made it so", () => {
  const none = afterwards({ type: "video_opened", ack: { ...ACK, masks: [] } });
  const chosen = afterwards(reach({ pairs: "chosen" }));
  const ranged = afterwards(reach({ frames: "range" }));
  const marked = reduce(ranged, { type: "range_changed", range: { start: 4, end: null } });
  const approved = afterwards(wish({ approved_only: true }));

  assert.deepEqual([none, chosen, ranged, marked, approved, afterwards()].map((state) => refusedBy(state)), ["pairs", "pairs", "frames", "frames", "approved_only", null]);
  assert.equal(refusedBy(none, TABLES), null); // it has prompts
});

test("what is meant is counted as the choices narrow it", () => {
  const masks = [3, 4, 5].map((frame_idx) => ({ frame_idx, rev: 5, source: "model", approved: frame_idx > 3, stale: frame_idx > 4 }));
  const opened = { type: "video_opened", ack: { ...ACK, masks: [{ instance_id: 1, region: "shaft", masks }] } };
  const state = afterwards(opened, wish({ approved_only: true, stale: "leave_out" }));
  const { masks: all, approved, taken, frames } = counts(state, state.view.wishes, PAIR);

  assert.deepEqual([all, approved, taken, frames], [3, 2, 1, 1]);
  assert.equal(summary(state, state.view.wishes, PAIR), "1 mask of 1 pair on 1 frame");
});

test("pairs that give no mask are not counted", () => {
  const state = { ...afterwards(reach({ pairs: "all" })), prompts: { "1/wrist": {} } };

  assert.match(summary(state, state.view.wishes, PAIR), / of 1 pair on /);
});

test("what is sent names pairs, frames and every option of the format", () => {
  const state = afterwards(reach({ pairs: "current", frames: "range" }), { type: "range_changed", range: { start: 2, end: 9 } });
  const { format, options } = orderOf(state, state.view.wishes, MASKS, PAIR);

  assert.equal(format, "masks_zip");
  assert.deepEqual(options, { pairs: [{ instance_id: 1, region: "shaft" }], start: 2, end: 9, approved_only: false, stale: "keep", layout: "pairs", soft_edge: false });
});

test("what the server refuses stands at the option it speaks of", () => {
  assert.equal(refusalOf({ message: "layout must be one of pairs, ids." }, MASKS).field, "layout");
  assert.equal(refusalOf({ message: "The disk is full." }, MASKS).field, null);
});

test("exports under way go before whole ones, the newest first", () => {
  const jobs = { a: { job_id: "a", kind: "export", state: "running" }, b: { job_id: "b", kind: "export", state: "done" }, c: { job_id: "c", kind: "propagate", state: "running" } };
  const { making, whole } = exportRows(jobs, [{ export_id: "b" }, { export_id: "x" }]);

  assert.deepEqual([making.map((job) => job.job_id), whole.map((record) => record.export_id)], [["a"], ["x", "b"]]);
});

test("an export is a card of its own until it was put away, also after the video was read again", () => {
  const job = { job_id: "e", kind: "export", label: "COCO", state: "done", done: 90, total: 90, video_id: "v" };
  const ended = afterwards({ type: "job_ended", ...job });
  const again = reduce(ended, { type: "video_opened", ack: { ...ACK, jobs: [job] } });

  assert.deepEqual(jobCards(again.jobs.by_id, false).shown.map((job) => [jobTitle(job), jobFacts(job)]), [["Export · COCO", "ready"]]);
  assert.equal(jobFacts({ ...job, state: "running", done: 30, eta_s: 4 }), "33 % · 4 s left");
  assert.deepEqual(jobCards(afterwards({ type: "video_opened", ack: { ...ACK, jobs: [job] } }).jobs.by_id, false).shown, []);
});

test("only what was chosen is sent with a file", () => {
  assert.deepEqual(optionsOf(NO_CHOICES), { masks_as: "imported", existing: "keep", predictions: "leave_out" });
  const chosen = { ...NO_CHOICES, frame_offset: 0, negative_labels: "bg, none ,", keypoint_labels: ["tip"], mapping: { tool: null } };
  assert.deepEqual(optionsOf(chosen), { frame_offset: 0, masks_as: "imported", existing: "keep", predictions: "leave_out", negative_labels: ["bg", "none"], keypoint_labels: ["tip"], mapping: { tool: null } });
});

test("a label becomes an instance there is, a new one, or nothing", () => {
  const target = { instance_id: null, new_instance: "tool2", region: "shaft" };
  const values = slotChoices([{ instance_id: 1, name: "tool" }], { label: "tool2_shaft", target }).map(({ value, label }) => `${value}: ${label}`);

  assert.deepEqual(values, ["1: 1 · tool", "new: new: tool2", "none: leave out"]);
  assert.deepEqual([target, { ...target, instance_id: 1 }, null].map(slotOf), ["new", "1", "none"]);
  assert.deepEqual(["new", "1", "none"].map((slot) => wishOf(slot, "shaft")), [{ instance_id: null, region: "shaft" }, { instance_id: 1, region: "shaft" }, null]);
});

test("a report is put in words", () => {
  const items = [{ frame_idx: 4, becomes: "box" }, { frame_idx: 0, becomes: "positive point" }, { frame_idx: 0, becomes: "positive point" }, { frame_idx: 0, becomes: null }];

  assert.equal(countWords({ frames: 2, boxes: 2, points: 1, masks: 0, keypoints: 0 }), "2 boxes, 1 point on 2 frames");
  assert.deepEqual(byFrame(items).map(({ frame_idx, items: here }) => `${frame_idx}: ${becomesWords(here)}`), ["0: 2 × positive point, left out", "4: box"]);
  assert.equal(countWords({ frames: 0 }), "nothing that can be imported");
  assert.equal(subjectWords({ kinds: { box: 2, mask: 1 }, frames: 3, first_frame: 4 }), "1 mask, 2 boxes on 3 frames, from 4");
  assert.equal(subjectWords({ kinds: { point: 1 }, frames: 1, first_frame: 4 }), "1 point on frame 4");
  assert.equal(offsetWords({ first_file: "00001.png", items }), "00001.png → frame 0");
  assert.equal(offsetWords({ first_file: "00001.png", items: [] }), "What to add to the number in 00001.png?");
  assert.equal(offsetWords({ first_file: null, items }), "");
  assert.deepEqual(orderedNotes([{ outcome: "note" }, { outcome: "clamped" }, { outcome: "skipped" }]).map((note) => note.outcome), ["skipped", "clamped", "note"]);
});

test("a file is imported only when nothing is left to choose and something comes in", () => {
  const ready = (report) => obstacle({ state: "ready", report: { needs: null, taken: { frames: 1 }, ...report } });

  assert.deepEqual([ready({}), ready({ needs: "task" }), ready({ taken: { frames: 0 } }), obstacle({ state: "looking" })], [null, "Choose the task first.", "Nothing of the file is left to import.", ""]);
});

test("a ZIP without annotations may be a video in pictures", () => {
  const unknown = { code: "unsupported_import" };
  assert.deepEqual([mayBeVideo("a.ZIP", unknown), mayBeVideo("a.json", unknown), mayBeVideo("a.zip", null)], [true, false, false]);
});

test("an answer that a later choice overtook is dropped", () => {
  const asked = (number) => ({ type: "import_asked", asked: number, sending: false });
  const looked = (number, format) => ({ type: "import_looked", asked: number, report: { format } });
  const state = afterwards({ type: "import_chosen", name: "a.json", size: 9 }, asked(1), asked(2), looked(2, "new"), looked(1, "old"));

  assert.equal(state.exchange.importing.report.format, "new");
  assert.equal(afterwards({ type: "import_chosen", name: "a.json", size: 9 }, { type: "video_closed" }).exchange.importing, null);
});

test("a file whose import failed is kept with its choices; one that was cancelled can go on", () => {
  const sent = [{ type: "import_chosen", name: "a.json", size: 9 }, { type: "import_asked", asked: 1, sending: true }];
  const report = { needs: null, taken: { frames: 1 } };
  const failed = afterwards(...sent, { type: "import_failed", asked: 1, error: { code: "conflict" } }).exchange.importing;
  const cancelled = afterwards(...sent, { type: "import_looked", asked: 1, report }).exchange.importing;

  assert.deepEqual([afterwards(...sent).exchange.importing, failed, cancelled].map(obstacle), ["", "", null]);
  assert.equal(failed.name, "a.json");
});

test("files dropped on the page are annotations or videos by their names", () => {
  const store = new Store(reduce, INITIAL_STATE);
  const uploaded = [];
  const commands = importCommands({ store, toast: () => {}, later: () => {}, readFormats: async () => {}, uploadFiles: (files) => uploaded.push(files[0].name) });
  commands.takeFiles([{ name: "clip.mp4" }]);
  commands.takeFiles([{ name: "notes.json" }]); // no video is open: the list of uploads says what it takes

  assert.deepEqual(uploaded, ["clip.mp4", "notes.json"]);
});
