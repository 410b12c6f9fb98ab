import assert from "node:assert/strict";
import { test } from "node:test";

import { tryingCommands } from "../../static/js/commands/trying.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { openedState } from "./opened_state.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));
const at = (x) => ({ x, y: 5, label: 1 });

/** A page whose server answers when it is told to, each time with a refusal. */
function page() {
  const store = new Store(reduce, openedState());
  const asked = [];
  const answers = [];
  const getTriedMask = (_, { x }) => {
    asked.push(x);
    return new Promise((_, refuse) => answers.push(() => refuse(new Error("not encoded"))));
  };
  return { store, asked, answer: async () => (answers.shift()(), settled()), ...tryingCommands({ store, getTriedMask }) };
}

test("only the newest place is asked for once an answer is there", async () => {
  const { tryClick, toggleTrying, asked, answer } = page();
  tryClick(at(1)); // not wanted yet
  toggleTrying();
  for (const x of [2, 3, 4, 5]) tryClick(at(x));
  await answer();
  await answer();

  assert.deepEqual(asked, [2, 5]);
});

test("what was tried goes when it is no longer wanted, and with the pointer", () => {
  const { tryClick, toggleTrying, store } = page();
  const shown = () => store.dispatch({ type: "click_tried", tried: { pair: "1/shaft", frame_idx: 3, pixels: null } });
  toggleTrying();
  shown();
  tryClick(null);
  const left = store.state.view.tried;
  shown();
  toggleTrying();

  assert.deepEqual([left, store.state.view.tried], [null, null]);
});
