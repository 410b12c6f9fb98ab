import assert from "node:assert/strict";
import { test } from "node:test";

import { KEYMAP, keyName, keyOf, rowFor } from "../../static/js/input/keymap.js";

const press = (key, more = {}) => ({
  key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more,
});

test("no key does two things", () => {
  const keys = KEYMAP.flatMap((row) => row.keys);

  assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), []);
});

test("each key runs the command that hands expect", () => {
  const expected = { u: "undo", z: "undo", c: "clearFrame", t: "propagate", x: "swapLabel", h: "toggleMasks", "?": "showHelp", Escape: "escape", "0": "fit" };
  const found = Object.keys(expected).map((key) => [key, rowFor(press(key))?.command]);

  assert.deepEqual(Object.fromEntries(found), expected);
});

test("modifiers make another key", () => {
  assert.equal(rowFor(press("z", { ctrlKey: true })).command, "undo");
  assert.equal(rowFor(press("Z", { ctrlKey: true, shiftKey: true })).command, "redo");
  assert.deepEqual(rowFor(press("F", { shiftKey: true })).args, ["backward"]);
  assert.equal(rowFor(press("ArrowRight", { shiftKey: true })).args[0], 10);
  assert.equal(rowFor(press("t", { ctrlKey: true })), undefined);
});

test("Command counts as Control", () => {
  assert.equal(rowFor(press("z", { metaKey: true })).command, "undo");
});

test("a layout without Latin letters is read by the place of the key", () => {
  assert.equal(rowFor(press("г", { code: "KeyU" })).command, "undo");
  assert.equal(keyName(press("Г", { code: "KeyU", shiftKey: true })), "Shift+u");
});

test("a Latin layout is read by its letters wherever they are", () => {
  assert.equal(rowFor(press("z", { code: "KeyY", ctrlKey: true })).command, "undo");
});

test("a symbol needs no word about Shift", () => {
  assert.equal(rowFor(press("?", { shiftKey: true, code: "Slash" })).command, "showHelp");
  assert.equal(rowFor(press("+", { shiftKey: true })).command, "zoom");
});

test("a bracket that needs AltGr or Option is a bracket", () => {
  const windows = { ctrlKey: true, altKey: true, code: "Digit8" };
  const linux = { code: "Digit8", getModifierState: (name) => name === "AltGraph" };
  const mac = { altKey: true, code: "Digit5" };
  assert.deepEqual([windows, linux, mac].map((more) => rowFor(press("[", more))?.name), ["markIn", "markIn", "markIn"]);
  assert.equal(rowFor(press("]", { ...mac, code: "KeyN" })).name, "markOut");
});

test("Alt and a bracket still is another key than the bracket", () => {
  const linux = { altKey: true, code: "Digit8", getModifierState: (name) => name === "AltGraph" };
  assert.equal(rowFor(press("[", { altKey: true, code: "BracketLeft" })).name, "clearIn");
  assert.equal(rowFor(press("[", linux)).name, "clearIn");
});

test("what AltGr writes on a letter runs no command of that letter", () => {
  const alt_gr = { code: "KeyE", getModifierState: (name) => name === "AltGraph" };
  assert.equal(rowFor(press("€", alt_gr)), undefined);
});

test("digits choose instances", () => {
  assert.deepEqual([rowFor(press("3")).command, rowFor(press("3")).args], ["selectInstance", [3]]);
});

test("every row that is shown says what it does", () => {
  assert.deepEqual(KEYMAP.filter((row) => row.help && !row.show.length), []);
  assert.equal(keyOf("propagate"), "T");
});

test("a key that the browser cannot name is read by its place", () => {
  const nameless = (code, more) => rowFor(press("Unidentified", { code, ...more }))?.name;

  assert.equal(nameless("Tab", { shiftKey: true }), "previousRegion");
  assert.deepEqual([nameless("ArrowLeft"), nameless("KeyU"), nameless("Tab")], ["previousFrame", "undo", "nextRegion"]);
  assert.deepEqual([nameless("Lang3"), nameless("")], [undefined, undefined]);
});
