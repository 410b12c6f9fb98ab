import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../static/js/core/store.js";
import { reduce } from "../../static/js/core/reducer.js";
import { promptHere } from "../../static/js/core/selectors.js";
import { opCommands } from "../../static/js/commands/ops.js";
import { toastCommands } from "../../static/js/commands/toasts.js";
import { MaskCache } from "../../static/js/net/mask_cache.js";
import { ServerEvents } from "../../static/js/net/server_events.js";
import { announced, click, KEY, openedState } from "./opened_state.js";

function listening(...actions) {
  const store = new Store(reduce, openedState(...actions));
  const { showToast } = toastCommands({ store, later: () => {} });
  const ops = opCommands({ store, toast: showToast, sender: null, reread: async () => {}, later: () => {}, now: () => 0 });
  const masks = new MaskCache(async () => new ArrayBuffer(), () => {});
  const events = new ServerEvents({ store, masks, ...ops, reopen: () => {}, now: () => 0 });
  return { store, events };
}

test("a mask that could not be made is said, and its dot stays", async () => {
  const { store, events } = listening(click(1), announced([{ x: 10, y: 20, label: 1 }]));
  const error = { code: "model_unavailable", message: "No model is loaded yet.", hint: "Wait." };

  await events.maskArrived({ key: KEY, frame_idx: 3, seq: 1, state: "failed", error });

  const [toast] = store.state.view.toasts;
  assert.deepEqual([toast.level, toast.message, toast.hint], ["error", error.message, error.hint]);
  assert.deepEqual(promptHere(store.state).points.map(({ x }) => x), [10]);
  assert.equal(store.state.annotations.masks["1/shaft"][3].rev, 5);
});

test("an overtaken click is answered without pixels, and the mask on screen stays", async () => {
  const { store, events } = listening(click(1), announced([{ x: 10, y: 20, label: 1 }]));
  const before = store.state.annotations.masks;

  await events.maskArrived({ key: KEY, frame_idx: 3, seq: 1, rev: 9, state: "superseded", png: null });

  assert.equal(store.state.annotations.masks, before);
});
