import assert from "node:assert/strict";
import { test } from "node:test";

import { boundRows, clash, isFixed, readOwn, withKey, withoutOwn } from "../../static/js/core/bindings.js";
import { refusal, spelled } from "../../static/js/core/keys.js";
import { KEYMAP, keyOf, rowFor } from "../../static/js/input/keymap.js";
import { readTastes, writeTastes } from "../../static/js/net/preferences.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";

const press = (key, more = {}) => ({
  key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more,
});
const rowsOf = (own) => boundRows(KEYMAP, own);
const bound = (own, name, from, to) => withKey(rowsOf(own), own, { name, from, to });

test("a command runs by its new key, and no more by the old one", () => {
  const rows = rowsOf(bound({}, "propagate", "t", "Shift+p"));

  assert.equal(rowFor(press("P", { shiftKey: true }), rows).name, "propagate");
  assert.equal(rowFor(press("t"), rows), undefined);
  assert.equal(keyOf("propagate", rows), "Shift+P");
});

test("one of several keys changes, the others stay", () => {
  const own = bound({}, "nextFrame", "d", "F8");

  assert.deepEqual(own, { nextFrame: ["ArrowRight", "F8", "."] });
});

test("a key that is taken names its row, and goes to the one that takes it", () => {
  assert.equal(clash(rowsOf({}), "propagate", "k").name, "keypointTool");

  const own = bound({}, "propagate", "t", "k");

  assert.deepEqual(own, { propagate: ["k"], keypointTool: [] });
  assert.equal(rowFor(press("k"), rowsOf(own)).name, "propagate");
  assert.equal(keyOf("keypointTool", rowsOf(own)), "");
});

test("a row without a key gets one", () => {
  const own = bound(bound({}, "propagate", "t", "k"), "keypointTool", null, "t");

  assert.deepEqual(rowsOf(own).filter((row) => row.changed).map((row) => [row.name, row.show]), [["keypointTool", ["T"]], ["propagate", ["K"]]]);
});

test("a reset gives a row its keys back, and takes them from who had them", () => {
  const own = bound(bound({}, "propagate", "t", "k"), "keypointTool", null, "t");
  const rows = rowsOf(withoutOwn(KEYMAP, own, "keypointTool"));

  assert.equal(rowFor(press("k"), rows).name, "keypointTool");
  assert.deepEqual(rows.find((row) => row.name === "propagate").keys, []);
});

test("no change makes a key do two things", () => {
  const own = bound(bound(bound({}, "undo", "u", "d"), "nextFrame", ".", "z"), "clearFrame", "c", "Ctrl+z");
  const keys = rowsOf(own).flatMap((row) => row.keys);

  assert.equal(new Set(keys).size, keys.length);
});

test("Esc and the digits keep what they do, and the browser its own keys", () => {
  assert.deepEqual(["Escape", "Ctrl+w", "5"].map((key) => refusal(key) === null), [false, false, false]);
  assert.equal(refusal("Shift+w"), null);
  assert.deepEqual(KEYMAP.filter(isFixed).length, 10);
});

test("keys are spelled as people read them", () => {
  const names = ["Shift+ArrowLeft", " ", "Ctrl+Shift+z", "-", "Alt++", "PageDown", "?", "F1"];

  assert.deepEqual(names.map(spelled), ["Shift+←", "Space", "Ctrl+Shift+Z", "−", "Alt++", "PgDn", "?", "F1"]);
});

test("own keys are kept by the browser, and what cannot be read is left out", () => {
  const kept = new Map();
  const local = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text) };
  writeTastes(local, { ...INITIAL_STATE.view, keys: { propagate: ["m"] } });

  assert.deepEqual(readTastes(local).keys, { propagate: ["m"] });
  assert.deepEqual(readOwn({ undo: ["x"], redo: "y", fit: [3] }), { undo: ["x"] });
  assert.deepEqual([readOwn(null), readOwn("x"), readOwn([])], [{}, {}, {}]);
});

test("a Cyrillic layout runs a changed key by its place", () => {
  const rows = rowsOf(bound({}, "propagate", "t", "Shift+m"));

  assert.equal(rowFor(press("Ь", { code: "KeyM", shiftKey: true }), rows).name, "propagate");
});
