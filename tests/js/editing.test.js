import assert from "node:assert/strict";
import { test } from "node:test";

import { EDITING, isReadOnly, withoutEditing } from "../../static/js/core/editing.js";
import { reduce } from "../../static/js/core/reducer.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { KEYMAP } from "../../static/js/input/keymap.js";

const checked = (access) => reduce(INITIAL_STATE, { type: "session_checked", authenticated: true, access });

test("a page with the token to look refuses what changes something, and nothing else", () => {
  const said = [];
  let reads_only = true;
  const does = { addPoint: (x) => `point ${x}`, startExport: () => "export", step: () => "frame" };
  const commands = withoutEditing(does, { isReadOnly: () => reads_only, say: () => void said.push("why") });

  assert.deepEqual([commands.addPoint(3), commands.startExport(), commands.step()], [undefined, "export", "frame"]);
  assert.equal(said.length, 1);
  reads_only = false;
  assert.equal(commands.addPoint(3), "point 3");
});

test("the token says whether the page looks only, and who signs in again is believed", () => {
  assert.equal(isReadOnly(INITIAL_STATE), false);
  assert.equal(isReadOnly(checked("view")), true);
  assert.equal(isReadOnly(reduce(checked("view"), { type: "session_checked", authenticated: true, access: "edit" })), false);
});

test("keys that edit and run are among the refused ones", () => {
  const harmless = new Set(["copyPrompts", "closePolygon", "takeCornerBack", "saySaved", "toggleScope", "toggleFollow", "escape", "showRuns", "toggleCompare", "flicker"]);
  const open = KEYMAP.filter(({ group, command }) => ["Edit", "Run"].includes(group) && !EDITING.has(command) && !harmless.has(command));

  assert.deepEqual(open.map(({ name }) => name), []);
});
