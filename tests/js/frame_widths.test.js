import assert from "node:assert/strict";
import { test } from "node:test";

import { firstWidth, lookAt, NetworkSpeed, sharpWidth } from "../../static/js/core/frame_widths.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { Loader } from "../../static/js/net/loader.js";
import { VIDEO } from "./opened_state.js";

const FULL_HD = { width: 1920, shown_px: 900, scrubbing: false, passing: false };

test("a frame is loaded as wide as it is drawn, in one of a few widths", () => {
  assert.equal(sharpWidth(FULL_HD), 960);
  assert.equal(sharpWidth({ ...FULL_HD, shown_px: 961 }), 1280);
  assert.equal(sharpWidth({ ...FULL_HD, shown_px: 1700 }), null); // as it is
  assert.equal(sharpWidth({ ...FULL_HD, width: 640 }), null); // never enlarged
});

test("over a quick network, frames come as they are; before the first one nobody knows", () => {
  assert.equal(firstWidth(FULL_HD, 20), null);
  assert.equal(firstWidth(FULL_HD, null), 960);
  assert.equal(firstWidth({ ...FULL_HD, width: 320 }, 500), null);
});

test("over a slow network they come narrower, narrower still while scrubbing", () => {
  assert.equal(firstWidth(FULL_HD, 280), 960); // 280 ms / 2^1.5 = 99 ms
  assert.equal(firstWidth(FULL_HD, 400), 720);
  assert.equal(firstWidth({ ...FULL_HD, scrubbing: true }, 280), 480);
  assert.equal(firstWidth(FULL_HD, 100_000), 480);
});

test("the speed of a network is that of the latest loads, whatever width they had", () => {
  const speed = new NetworkSpeed();
  assert.equal(speed.whole_ms, null);
  speed.add({ bytes: 500_000, body_ms: 400, width: 1920, whole_width: 1920 });
  assert.equal(speed.whole_ms, 400);
  for (let count = 0; count < 30; count += 1) speed.add({ bytes: 62_500, body_ms: 5, width: 480, whole_width: 1920 });
  assert.ok(Math.abs(speed.whole_ms - 40) < 1, String(speed.whole_ms)); // 8 times the bytes
  for (let count = 0; count < 5; count += 1) speed.add({ bytes: 500_000, body_ms: 400, width: 1920, whole_width: 1920 });
  assert.ok(speed.whole_ms > 200, String(speed.whole_ms));
});

test("zooming in and a dense screen ask for more", () => {
  const state = { ...INITIAL_STATE, video: { ...INITIAL_STATE.video, open: { ...VIDEO, width: 1920 } }, view: { ...INITIAL_STATE.view, zoom: 0.5 } };
  assert.deepEqual(lookAt(state, 1), { width: 1920, shown_px: 960, scrubbing: false, passing: false });
  assert.equal(lookAt(state, 2).shown_px, 1920);
  assert.equal(lookAt({ ...state, playback: { ...state.playback, playing: true } }, 1).passing, true);
  assert.equal(lookAt(INITIAL_STATE, 1), null);
});

test("a spare load is broken off once it is not wanted, any other is finished", async () => {
  const ended = [];
  const load = ({ name }, signal) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(ended.push(name)));
    });
  const loader = new Loader({ load, concurrency: 3 });
  loader.want([{ name: "plain" }, { name: "spare", spare: true }, { name: "wanted", spare: true }]);
  loader.want([{ name: "wanted", spare: true }]);
  assert.deepEqual(ended, ["spare"]);
});
