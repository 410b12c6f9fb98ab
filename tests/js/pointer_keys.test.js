import assert from "node:assert/strict";
import { test } from "node:test";

import { pointerKeys } from "../../static/js/core/pointer_keys.js";
import { isApple } from "../../static/js/net/platform.js";

const event = (more) => ({ button: 0, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more });

test("on a Mac a click with Ctrl is a right click and Cmd is Ctrl", () => {
  const clicked = pointerKeys(event({ ctrlKey: true }), true);

  assert.deepEqual([clicked.button, clicked.ctrl, clicked.secondary], [2, false, true]);
  assert.deepEqual([pointerKeys(event({ metaKey: true }), true).ctrl, pointerKeys(event({ metaKey: true }), true).button], [true, 0]);
});

test("elsewhere Ctrl is Ctrl, and the buttons are what they are", () => {
  const clicked = pointerKeys(event({ ctrlKey: true }), false);

  assert.deepEqual([clicked.button, clicked.ctrl, clicked.secondary], [0, true, false]);
  assert.deepEqual([false, true].map((on_mac) => pointerKeys(event({ button: 1, ctrlKey: true }), on_mac).button), [1, 1]);
});

test("the other end of a pen is the right button", () => {
  assert.equal(pointerKeys(event({ button: 5 }), false).button, 2);
});

test("a key pressed over the stage says what the left button would do now", () => {
  const { button, ...held } = event({ ctrlKey: true });

  assert.equal(pointerKeys(held, true).secondary, true);
});

for (const [platform, expected] of [["MacIntel", true], ["iPad", true], ["Linux x86_64", false], [undefined, false]]) {
  test(`${platform} is ${expected ? "" : "not "}Apple's`, () => {
    Object.defineProperty(globalThis, "navigator", { value: { platform }, configurable: true });

    assert.equal(isApple(), expected);
  });
}
