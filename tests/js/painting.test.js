import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";

import { paintStroke } from "../../static/js/core/brush.js";
import { deflated } from "../../static/js/core/deflate.js";
import { encodeMask, fromBase64, toBase64 } from "../../static/js/core/mask_png.js";
import { fillPolygon } from "../../static/js/core/polygon.js";
import { cropped, maskBox, uncropped } from "../../static/js/core/raster.js";

const areaOf = (mask_hw) => mask_hw.reduce((area, pixel) => area + pixel, 0);

const SIZE = { width: 12, height: 8 };
const blank = () => new Uint8Array(SIZE.width * SIZE.height);
const rows = (mask) => Array.from({ length: SIZE.height }, (_, y) => [...mask.subarray(y * 12, y * 12 + 12)].map((pixel) => (pixel ? "#" : ".")).join(""));
const set = (mask) => [...mask.keys()].filter((at) => mask[at]).map((at) => [at % 12, Math.floor(at / 12)]);

test("a brush sets the pixels whose middles it covers", () => {
  const mask = blank();
  const touched = paintStroke(mask, SIZE, { from: [5.5, 3.5], to: [5.5, 3.5], radius: 1.5 }, 1);

  assert.deepEqual(rows(mask).slice(2, 5), ["....###.....", "....###.....", "....###....."]);
  assert.deepEqual([touched.changed, areaOf(mask), maskBox(mask, SIZE)], [9, 9, [4, 2, 7, 5]]);
});

test("a quick stroke leaves no gaps between two places of the pointer", () => {
  const mask = blank();
  paintStroke(mask, SIZE, { from: [1.5, 1.5], to: [10.5, 6.5], radius: 1 }, 1);

  assert.ok(set(mask).every(([x, y]) => Math.abs((x - 1) * 5 - (y - 1) * 9) / Math.hypot(5, 9) <= 1));
  assert.equal(new Set(set(mask).map(([x]) => x)).size, 12);
});

test("the finest brush paints single pixels in a line, wherever in the pixel the hand is", () => {
  const mask = blank();
  paintStroke(mask, SIZE, { from: [2.05, 2.95], to: [5.9, 5.1], radius: 0.5 }, 1);

  assert.deepEqual(set(mask), [[2, 2], [3, 3], [4, 4], [5, 5]]);
});

test("the eraser takes away, and beside the frame nothing happens", () => {
  const mask = blank().fill(1);
  const erased = paintStroke(mask, SIZE, { from: [0, 0], to: [-3, -3], radius: 1 }, 0);
  const nothing = paintStroke(mask, SIZE, { from: [40, 40], to: [44, 40], radius: 2 }, 0);

  assert.deepEqual([rows(mask)[0], erased.changed, nothing.changed], [".###########", 1, 0]);
});

test("a polygon fills the pixels whose middles are in it, and cuts the same ones", () => {
  const mask = blank();
  const corners = [[1, 1], [6, 1], [6, 4], [1, 4]];
  fillPolygon(mask, SIZE, corners, 1);
  const filled = rows(mask).slice(0, 5);
  fillPolygon(mask, SIZE, corners, 0);

  assert.deepEqual(filled, ["............", ".#####......", ".#####......", ".#####......", "............"]);
  assert.equal(areaOf(mask), 0);
});

test("polygons next to each other share no pixel and leave none between them", () => {
  const mask = blank();
  const left = fillPolygon(mask, SIZE, [[0, 0], [7.3, 0], [3.1, 8], [0, 8]], 1);
  const right = fillPolygon(mask, SIZE, [[7.3, 0], [12, 0], [12, 8], [3.1, 8]], 1);

  assert.equal(left.changed + right.changed, areaOf(mask));
  assert.equal(areaOf(mask), 96);
});

test("a polygon may reach over the frame's edge", () => {
  const mask = blank();
  fillPolygon(mask, SIZE, [[-20, -20], [40, -20], [40, 40], [-20, 40]], 1);

  assert.equal(areaOf(mask), 96);
});

test("a part of a mask goes back where it was", () => {
  const mask = blank();
  paintStroke(mask, SIZE, { from: [3, 3], to: [9, 5], radius: 2 }, 1);
  const [x0, y0, x1, y1] = maskBox(mask, SIZE);
  const crop = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };

  assert.deepEqual(uncropped(cropped(mask, SIZE, crop), SIZE, crop), mask);
  assert.equal(maskBox(blank(), SIZE), null);
});

test("zlib reads what is packed: runs, single bytes, nothing", () => {
  const noisy = Uint8Array.from({ length: 5000 }, (_, at) => (at % 700 < 600 ? at >> 9 : at * 31));
  for (const data of [noisy, new Uint8Array(3000), new Uint8Array(), Uint8Array.of(9, 9, 200)]) {
    assert.deepEqual(new Uint8Array(inflateSync(deflated(data))), data);
  }
  assert.ok(deflated(new Uint8Array(270_000)).length < 2200);
});

test("a mask becomes a PNG of one bit per pixel", () => {
  const png = Buffer.from(encodeMask(Uint8Array.from({ length: 20 }, (_, at) => at % 3 & 1), { width: 10, height: 2 }));
  const length = png.readUInt32BE(33);
  const idat = inflateSync(png.subarray(41, 41 + length));

  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]], [10, 2, 1, 0]);
  assert.deepEqual([...idat], [2, 0b01001001, 0, 2, (0b10010010 - 0b01001001) & 255, 0b01000000]);
  assert.deepEqual(Buffer.from(fromBase64(toBase64(png))), png);
});
