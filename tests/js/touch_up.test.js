import assert from "node:assert/strict";
import { test } from "node:test";

import { promptHistoryCommands } from "../../static/js/commands/prompt_history.js";
import { promptCommands } from "../../static/js/commands/prompts.js";
import { viewCommands } from "../../static/js/commands/view.js";
import { checkedFields } from "../../static/js/core/client_events.js";
import { fromBase64 } from "../../static/js/core/mask_png.js";
import { reduce } from "../../static/js/core/reducer.js";
import { promptHere, promptedFrames } from "../../static/js/core/selectors.js";
import { Store } from "../../static/js/core/store.js";
import { MaskCache } from "../../static/js/net/mask_cache.js";
import { onWire } from "../../static/js/net/op_wire.js";
import { announced, KEY, openedState } from "./opened_state.js";

const PLACE = { ...KEY, frame_idx: 3 };
const PIXELS = { bytes: 10 };
const PNG = Uint8Array.of(137, 80, 78, 71);

function working(...actions) {
  const store = new Store(reduce, openedState(...actions));
  const sent = [];
  const said = [];
  const submit = (event, data) => {
    checkedFields(event, data);
    sent.push({ event, data });
    store.dispatch({ type: "op_queued", seq: sent.length, event, data });
    return { seq: sent.length };
  };
  const masks = new MaskCache(async () => new ArrayBuffer(), () => {});
  const shown = { showPainted: (place, seq, pixels) => masks.paint(place, seq, pixels) };
  const deps = { store, ops: { submit }, toast: (toast) => said.push(toast), ensureInstance: null, ...shown };
  const commands = { ...promptCommands(deps), ...promptHistoryCommands(deps) };
  return { store, sent, said, masks, commands };
}

test("a moved dot is where it was let go, to a hundredth of a pixel, before the server answers", () => {
  const { store, sent, commands } = working();
  commands.movePoint(0, 7.12849, 8.5);

  assert.deepEqual(promptHere(store.state).points, [{ x: 7.13, y: 8.5, label: 1, pending: true }]);
  assert.deepEqual([sent[0].event, sent[0].data.point_idx, sent[0].data.x], ["move_point", 0, 7.13]);
});

test("what was painted is on screen at once, and takes the place of the dots", async () => {
  const { store, sent, masks, commands } = working();
  await commands.setMask({ png: PNG, pixels: PIXELS, box: [1, 2, 3, 4] });

  assert.deepEqual(promptHere(store.state).points, []);
  assert.equal(masks.get(PLACE).pixels, PIXELS);
  assert.deepEqual(store.state.annotations.masks["1/shaft"][3].box, [1, 2, 3, 4]);
  assert.deepEqual(onWire("set_mask", sent[0].data).mask, PNG);
  assert.deepEqual(fromBase64(JSON.parse(JSON.stringify(sent[0].data)).mask), PNG);
});

test("a click on a painted mask says that the model draws it anew, once, with a way back", async () => {
  const { said, sent, commands } = working({ type: "frame_drawn", frame_idx: 8 });
  await commands.addPoint(1, 1, 1);
  await commands.setMask({ png: PNG, pixels: PIXELS, box: null });
  const before = said.length;
  await commands.addPoint(5, 6, 1);
  await commands.addPoint(7, 8, 0);

  assert.deepEqual([before, said.length, said[0].action], [0, 1, "undoAt"]);
  commands[said[0].action](...said[0].args);
  assert.deepEqual([sent.at(-1).event, sent.at(-1).data.frame_idx], ["undo", 8]);
});

test("a mask on a frame that had none is shown until its answer comes", async () => {
  const { store, commands } = working({ type: "frame_drawn", frame_idx: 8 });
  await commands.setMask({ png: PNG, pixels: PIXELS, box: null });

  assert.deepEqual([store.state.annotations.masks["1/shaft"][8].rev, store.state.annotations.masks["1/shaft"][8].source], [0, "human"]);
});

test("an answer to an earlier stroke does not take a later one off the screen", () => {
  const { masks } = working();
  masks.paint(PLACE, 7, PIXELS);

  masks.put(PLACE, 9, PNG, { seq: 6 });
  masks.forget(PLACE, 6);
  masks.want([{ ...PLACE, rev: 12 }]);

  assert.equal(masks.get(PLACE).pixels, PIXELS);
});

test("what the server refused, or will never answer, leaves the screen", () => {
  const { masks } = working();
  masks.paint(PLACE, 7, PIXELS);
  masks.paint({ ...PLACE, frame_idx: 4 }, 8, PIXELS);

  masks.dropPainted((seq) => seq !== 7);

  assert.deepEqual([masks.get(PLACE), masks.get({ ...PLACE, frame_idx: 4 }).pixels], [undefined, PIXELS]);
});

test("a frame with a painted mask counts as a prompted one", () => {
  const { store } = working(announced([], { mask: true }));

  assert.deepEqual(promptedFrames(store.state), [3]);
});

test("X turns the brush into the eraser, and elsewhere the sign round", () => {
  const { store } = working({ type: "tool_chosen", tool: "brush" });
  const { swapLabel, chooseTool } = viewCommands({ store });
  swapLabel();
  const tool = store.state.view.tool;
  chooseTool("polygon");
  swapLabel();

  assert.deepEqual([tool, store.state.view.tool, store.state.view.label], ["eraser", "polygon", 0]);
});

test("the brush has a least and a greatest width", () => {
  const { store } = working();
  const { resizeBrush } = viewCommands({ store });
  const widths = [1e-9, 40, 1e9].map((factor) => (resizeBrush(factor), store.state.view.brush_px));

  assert.deepEqual(widths, [1, 40, 600]);
});
