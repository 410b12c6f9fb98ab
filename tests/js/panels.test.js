import assert from "node:assert/strict";
import { test } from "node:test";

import { inkOn, shortName, titleOf } from "../../static/js/core/instance_names.js";
import { jobCards, jobFacts, jobReach, jobTitle, SHOWN_JOBS } from "../../static/js/core/jobs.js";
import { modelRows } from "../../static/js/core/model_rows.js";
import { openedState } from "./opened_state.js";

const job = (job_id, state, more = {}) => ({ job_id, kind: "propagate", state, done: 3, total: 90, eta_s: null, ...more });
const byId = (...jobs) => Object.fromEntries(jobs.map((job) => [job.job_id, job]));

test("a name does not repeat the instance's own number", () => {
  assert.equal(shortName({ instance_id: 2, name: "tool 2" }), "tool");
  assert.equal(shortName({ instance_id: 1, name: "tool 2" }), "tool 2");
  assert.equal(titleOf({ instance_id: 3, name: "needle driver" }), "3 · needle driver");
});

test("the number on a chip can be read on its colour", () => {
  assert.deepEqual(["#f2a33a", "#1b2a6b"].map(inkOn), ["#10151b", "#ffffff"]);
});

test("work under way comes first, then what went wrong and the newest that is done; the rest is counted", () => {
  const ended = ["failed", "failed", "done", "failed", "done", "done"].map((state, at) => job(`e${at}`, state, { ended: true }));
  const jobs = byId(job("old", "done"), ...ended, job("now", "running"));
  const { shown, earlier } = jobCards(jobs, false);

  assert.deepEqual(shown.map((job) => job.job_id), ["now", "e5", "e3"]);
  assert.equal(shown.length, SHOWN_JOBS);
  assert.equal(earlier, 5);
  assert.deepEqual(jobCards(jobs, true).shown.at(-1).job_id, "old");
});

test("a card says which way, which frames and how far", () => {
  const running = job("a", "running", { done: 30, eta_s: 10, direction: "both", start: 0, end: 89 });

  assert.equal(jobTitle(running), "Running");
  assert.equal(jobTitle({ ...running, state: "queued", position: 2 }), "Waiting, 2nd");
  assert.equal(jobReach(running), "↔ frames 0 – 89");
  assert.equal(jobFacts(running), "30 / 90 · 6.0 fps · 10 s left");
});

test("a model says whether it is here, how much is to come, or why it failed", () => {
  const model = (name, state, more = {}) => ({ name, label: name, state, bytes: 156e6, demo: false, done: 0, total: 156e6, ...more });
  const models = [
    model("demo", "selected", { device: "cpu", precision: "bf16", precision_reason: "this CPU computes in bfloat16", threads: 2 }),
    model("tiny", "missing"),
    model("small", "failed", { error: { message: "No network.", hint: "Put the file there." } }),
    model("large", "missing"),
    model("stopped", "missing", { done: 39e6 }),
  ];
  const jobs = { "model-large": { job_id: "model-large", kind: "model_download", state: "running", done: 39e6, total: 156e6 } };

  const rows = modelRows(models, jobs);

  assert.deepEqual(rows.map((row) => row.note), ["in use · cpu · bf16 · 2 threads", "156 MB to download", "No network. Put the file there.", "39 MB of 156 MB", "39 MB of 156 MB here, the rest to download"]);
  assert.deepEqual(rows.map((row) => row.share), [null, null, null, 25, null]);
  assert.deepEqual([rows[0].why, rows[1].why], ["bf16: this CPU computes in bfloat16", ""]);
});

test("while the session process restarts its runs wait, at no speed, until they are told of again", () => {
  const running = { type: "job_progress", ...job("a", "running", { done: 30, eta_s: 10, pairs: [] }) };
  const ended = { type: "job_ended", ...job("b", "done", { pairs: [] }) };
  const jobs = openedState(running, ended, { type: "host_state", state: "restarting" }).jobs.by_id;
  const after = openedState(running, { type: "host_state", state: "restarting" }, running).jobs.by_id;

  assert.deepEqual([jobTitle(jobs.a), jobFacts(jobs.a), jobTitle(jobs.b)], ["Waiting", "30 / 90", "Done"]);
  assert.equal(jobTitle(after.a), "Running");
});

test("one instance alone is shown here until it is asked for again", () => {
  const instances = [1, 2].map((instance_id) => ({ instance_id, name: "x", colour: "#112233", hidden: false, locked: false }));
  const listed = { type: "instances_changed", video_id: "v", instances };
  const alone = openedState(listed, { type: "solo_changed", instance_id: 2 });
  const all = openedState(listed, { type: "solo_changed", instance_id: 2 }, { type: "solo_changed", instance_id: 2 });

  assert.deepEqual(alone.annotations.instances.map((instance) => [instance.hidden, instance.hidden_for_all]), [[true, false], [false, false]]);
  assert.deepEqual(all.annotations.instances.map((instance) => instance.hidden), [false, false]);
});

test("a deleted instance is no longer alone", () => {
  const list = (...ids) => ({ type: "instances_changed", video_id: "v", instances: ids.map((instance_id) => ({ instance_id, name: "x", colour: "#112233", hidden: false, locked: false })) });
  const state = openedState(list(1, 2), { type: "solo_changed", instance_id: 2 }, list(1));

  assert.deepEqual([state.annotations.solo, state.annotations.instances.map((instance) => instance.hidden)], [null, [false]]);
});

test("a deleted video leaves the list, and the stage if it was open", () => {
  const state = openedState({ type: "videos_listed", videos: [{ video_id: "v" }, { video_id: "w" }] }, { type: "video_deleted", video_id: "v" });

  assert.deepEqual([state.video.open, state.video.list.map((video) => video.video_id)], [null, ["w"]]);
});
