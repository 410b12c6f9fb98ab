import assert from "node:assert/strict";
import { test } from "node:test";

import { clamped, fit, onImage, panBy, recentred, toImage, toScreen, zoomAt } from "../../static/js/core/viewport.js";

const IMAGE = { width: 1920, height: 1080 };
const STAGE = { width: 960, height: 640 };
const near = (a, b) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < 1e-9, `${a} is not ${b}`));

test("a fitted image fills the stage, in its middle", () => {
  const view = fit(IMAGE, STAGE);

  assert.equal(view.scale, 0.5);
  near(toScreen(view, [960, 540]), [480, 320]);
});

test("a fitted image stays where it is when the stage loses what was kept free below it", () => {
  const lower = { ...STAGE, height: STAGE.height - 54 };

  assert.deepEqual(fit(IMAGE, STAGE, 54), fit(IMAGE, lower));
  assert.deepEqual(fit(IMAGE, { width: 960, height: 560 }, 54), { scale: 0.5, aspect: 1, x: 0, y: 0 });
});

test("screen and image coordinates are each other's inverse", () => {
  const view = { scale: 2.5, x: -31, y: 17 };

  near(toImage(view, toScreen(view, [123.25, 77.5])), [123.25, 77.5]);
});

test("pixels that are not square are shown as wide as the file says", () => {
  const pal = { width: 720, height: 576, pixel_aspect: "64/45" };
  const view = fit(pal, { width: 1024, height: 576 });

  assert.deepEqual(view, { scale: 1, aspect: 64 / 45, x: 0, y: 0 });
  near(toScreen(view, [720, 576]), [1024, 576]);
  const zoomed = zoomAt(view, [512, 288], 2, pal, { width: 1024, height: 576 });
  near(toImage(zoomed, [512, 288]), [360, 288]);
});

test("zooming keeps the point under the pointer where it is", () => {
  const view = fit(IMAGE, STAGE);
  const under = toImage(view, [300, 200]);
  const zoomed = zoomAt(view, [300, 200], 4, IMAGE, STAGE);

  assert.equal(zoomed.scale, 2);
  near(toScreen(zoomed, under), [300, 200]);
});

test("zoom has ends", () => {
  const view = fit(IMAGE, STAGE);

  assert.equal(zoomAt(view, [0, 0], 1e9, IMAGE, STAGE).scale, 64);
  assert.equal(zoomAt(view, [0, 0], 1e-9, IMAGE, STAGE).scale, 0.25);
});

test("the image cannot be panned out of sight", () => {
  const view = panBy(fit(IMAGE, STAGE), 1e6, -1e6, IMAGE, STAGE);

  assert.ok(view.x <= STAGE.width - 48);
  assert.ok(view.y + IMAGE.height * view.scale >= 48);
});

test("a zoomed image keeps its middle when the stage is wider, and its place when it is lower", () => {
  const view = { scale: 2, x: -100, y: -50 };
  const after = { width: 1184, height: 500 };
  const middle = toImage(view, [STAGE.width / 2, 250]);

  near(toImage(recentred(view, STAGE, after), [592, 250]), middle);
});

test("points beside the image are told and brought back", () => {
  assert.equal(onImage(IMAGE, [1920.5, 3]), false);
  assert.deepEqual(clamped(IMAGE, [-4, 2000]), [0, 1080]);
});
