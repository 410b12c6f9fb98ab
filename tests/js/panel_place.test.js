/** A panel opens beside its anchor, inside the window, and never on a message. */

import assert from "node:assert/strict";
import test from "node:test";

import { placePanel } from "../../static/js/core/panel_place.js";

const VIEW = { width: 1280, height: 720 };
const SIZE = { width: 268, height: 400 };
const box = (left, top, width, height) => ({ left, top, right: left + width, bottom: top + height });
const BUTTON = box(1100, 100, 28, 28);
const TOASTS = box(1000, 480, 272, 90);

test("a panel opens below its anchor, inside the window", () => {
  assert.deepEqual(placePanel(SIZE, BUTTON, VIEW, null), { left: 1004, top: 134, max_height: null });
});

test("it opens above where there is more room", () => {
  assert.equal(placePanel(SIZE, box(20, 650, 28, 28), VIEW, null).top, 244);
});

test("messages that it does not reach change nothing", () => {
  const low = { ...SIZE, height: 300 };
  assert.deepEqual(placePanel(low, BUTTON, VIEW, TOASTS), placePanel(low, BUTTON, VIEW, null));
});

test("it stands left of messages that it would cover", () => {
  assert.deepEqual(placePanel(SIZE, BUTTON, VIEW, TOASTS), { left: 726, top: 134, max_height: null });
});

test("without room at their side it ends above them, and scrolls if it must", () => {
  const phone = { width: 390, height: 844 };
  const toasts = box(0, 420, 390, 60);
  assert.deepEqual(placePanel(SIZE, box(300, 100, 28, 28), phone, toasts), { left: 114, top: 14, max_height: 400 });
  assert.deepEqual(placePanel({ ...SIZE, height: 700 }, box(300, 100, 28, 28), phone, toasts), { left: 114, top: 8, max_height: 406 });
});
