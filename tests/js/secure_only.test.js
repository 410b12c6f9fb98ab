import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { listenToPointer } from "../../static/js/input/pointer.js";
import { claimIdentity } from "../../static/js/net/identity.js";
import { movesSince, savePicker, tabLocks } from "../../static/js/net/secure_only.js";
import { openedState } from "./opened_state.js";

Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true }); // a newer Node has locks

const PAGE = fileURLToPath(new URL("../../static/js/", import.meta.url));
const HOME = "net/secure_only.js";
const SECURE_ONLY = new RegExp(
  ["navigator\\??\\.(?!platform)", "getCoalescedEvents", "getPredictedEvents", "FilePicker", "DirectoryPicker", "randomUUID", "crypto\\.subtle",
    "serviceWorker", "wakeLock", "\\bcaches\\.", "cookieStore", "ImageDecoder", "Video(De|En)coder", "EyeDropper", "\\.clipboard\\.", "SharedArrayBuffer"].join("|"),
);

/** As much of a canvas as a stroke needs without a screen. */
class Canvas {
  getContext = () => ({ putImageData() {}, drawImage() {}, fillRect() {} });
}
class Pixels {
  constructor(width, height) {
    this.data = new Uint8ClampedArray(width * height * 4);
  }
}

class Surface extends EventTarget {
  parentElement = { focus() {} };
  classList = { toggle() {}, remove() {} };
  getBoundingClientRect = () => ({ left: 0, top: 0 });
  setPointerCapture() {}
  /** An event as browsers send it outside secure contexts: without getCoalescedEvents. */
  send(type, x, y) {
    const event = new Event(type);
    this.dispatchEvent(Object.assign(event, { clientX: x, clientY: y, button: 0, pointerId: 1, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false }));
  }
}

/** The stage with a tool in hand; it collects what the tools ask for. */
function pointed(tool) {
  Object.assign(globalThis, { OffscreenCanvas: Canvas, ImageData: Pixels, addEventListener() {} });
  const start = openedState({ type: "pair_selected", instance_id: 1, region: "overall" }, { type: "tool_chosen", tool });
  const asked = [];
  const command = (name) => (...args) => asked.push([name, ...args]);
  const commands = new Proxy({}, { get: (_, name) => command(name) });
  const surface = new Surface();
  const stage = { view: { scale: 1, x: 0, y: 0 }, setPointer() {}, setDraft() {} };
  const held = { panning: false };
  listenToPointer(surface, { store: new Store(reduce, start), commands, stage, masks: { get: () => undefined }, held });
  return { surface, asked };
}

test("only one module names what secure contexts alone have", () => {
  const files = readdirSync(PAGE, { recursive: true }).map((name) => String(name).replaceAll("\\", "/"));
  const naming = files.filter((name) => name.endsWith(".js") && SECURE_ONLY.test(readFileSync(PAGE + name, "utf8")));

  assert.deepEqual(naming, [HOME]);
});

test("without them there are no locks, no save dialog and no moves in between", () => {
  assert.deepEqual([tabLocks()?.request, savePicker(), movesSince(new Event("pointermove"))], [undefined, null, []]);
});

test("the moves between two events are handed on where the browser has them", () => {
  assert.deepEqual(movesSince({ getCoalescedEvents: () => ["first", "second"] }), ["first", "second"]);
});

for (const tool of ["brush", "eraser"]) {
  test(`the ${tool} follows a pointer that has no moves in between`, () => {
    const { surface, asked } = pointed(tool);
    surface.send("pointerdown", 10, 10);
    surface.send("pointermove", 60, 10);
    surface.send("pointerup", 60, 10);

    const painted = asked.find(([name]) => name === "setMask");
    assert.deepEqual(painted?.[1].box ?? null, tool === "brush" ? [0, 0, 72, 22] : null);
  });
}

test("a click adds a point", () => {
  const { surface, asked } = pointed("click");
  surface.send("pointerdown", 50, 60);

  assert.deepEqual(asked, [["addPoint", 50, 60, 1]]);
});

test("a tab has an id without locks", async () => {
  const storage = () => ({ getItem: () => null, setItem() {}, removeItem() {}, names: () => [] });
  const { client_id } = await claimIdentity({ locks: tabLocks(), session: storage(), local: storage() });

  assert.match(client_id, /^[0-9a-f]{24}$/);
});
