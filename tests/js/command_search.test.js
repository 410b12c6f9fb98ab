import assert from "node:assert/strict";
import { test } from "node:test";

import { commandEntries, findEntries } from "../../static/js/core/command_search.js";
import { fit } from "../../static/js/core/fuzzy.js";
import { KEYMAP } from "../../static/js/input/keymap.js";
import { openedState } from "./opened_state.js";

const STATE = openedState({ type: "videos_listed", videos: [{ video_id: "v", name: "v.mp4", num_frames: 100 }, { video_id: "w", name: "suturing_part_07.mp4", num_frames: 12 }] });
const find = (query) => findEntries(query, { rows: KEYMAP, state: STATE });
const first = (query) => find(query)[0]?.name;

test("without a letter every command of the keymap is offered, with words and its keys", () => {
  const all = find("");

  assert.deepEqual(all.map(({ name }) => name), KEYMAP.map(({ name }) => name));
  assert.deepEqual(all.filter(({ label, keys }) => !label || !keys.length).map(({ name }) => name), []);
});

test("each command is found by its own words", () => {
  const lost = commandEntries(KEYMAP).filter(({ name, label }) => !find(label).some((found) => found.name === name));

  assert.deepEqual(lost, []);
});

test("parts, first letters and leaps find a command", () => {
  const expected = { "prop f": "forward", undo: "undo", "approve range": "approveRange", brsh: "brushTool", "full scr": "fullScreen", "hide m": "toggleMasks", "next susp": "nextSuspect" };

  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((query) => [query, first(query)])), expected);
});

test("a number goes to its frame, at most the last one", () => {
  const [frame] = find("42");

  assert.deepEqual([frame.command, frame.args], ["showFrame", [42]]);
  assert.deepEqual(["frame 7", "f 7", "999"].map((query) => find(query)[0].args[0]), [7, 7, 99]);
});

test("a name goes to its video, instance or pair", () => {
  const jump = (query) => find(query)[0];

  assert.deepEqual([jump("suturing 07").command, jump("suturing 07").args], ["openVideo", ["w"]]);
  assert.deepEqual([jump("1 tool").command, jump("1 tool").args], ["selectPair", [1, null]]);
  assert.deepEqual(jump("1 shaft").args, [1, "shaft"]);
});

test("letters that are not there find nothing", () => {
  assert.deepEqual(find("zzqx"), []);
  assert.equal(fit("oof", "of"), null);
});

test("a word as it stands fits better than its letters far apart", () => {
  assert.ok(fit("mask", "hide masks").score > fit("mask", "move a stroke").score);
  assert.deepEqual(fit("mask", "hide masks").at, [5, 6, 7, 8]);
});

test("a letter is taken at the start of a word only if the others still come after it", () => {
  assert.deepEqual(fit("abc", "axbc b").at, [0, 2, 3]);
  assert.deepEqual(fit("abc", "axb bc").at, [0, 4, 5]);
  assert.equal(fit("abc", "ab b"), null);
});
