import assert from "node:assert/strict";
import { test } from "node:test";

import { makeCommands } from "../../static/js/commands/all.js";
import { disjoint } from "../../static/js/core/disjoint.js";
import { reduce } from "../../static/js/core/reducer.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { Store } from "../../static/js/core/store.js";
import { KEYMAP } from "../../static/js/input/keymap.js";
import { pageCommands } from "../../static/js/views/page_commands.js";

const everyCommand = () => {
  const made = makeCommands({ store: new Store(reduce, INITIAL_STATE), keymap: KEYMAP, server: {}, later: () => {} });
  return disjoint(made, pageCommands({ commands: made, stage: {}, pointer: () => null }));
};

test("no two groups have a command of the same name", () => {
  assert.ok(Object.keys(everyCommand()).length > 100);
});

test("a name that two groups share is an error when they are put together", () => {
  const [first, second] = [{ undo: () => 1 }, { redo: () => 2, undo: () => 3 }];

  assert.throws(() => disjoint(first, second), /two groups have the name undo/);
});

test("every key has a command to run", () => {
  const commands = everyCommand();

  assert.deepEqual(KEYMAP.filter(({ command }) => !(command in commands)).map(({ name }) => name), []);
});
