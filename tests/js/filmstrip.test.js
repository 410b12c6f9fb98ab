import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { middlePart } from "../../static/js/core/filmstrip.js";

const PAGE = fileURLToPath(new URL("../../static/js/", import.meta.url));
const HIGH = 34;

/** Over the edge in the numbers of a script, or in the coarser ones WebKit draws with. */
function reachesOver({ x, y, width, height }, picture) {
  const ends = [[x, width, picture.width], [y, height, picture.height]];
  return ends.some(([from, size, whole]) =>
    from < 0 || from + size > whole || Math.fround(Math.fround(from) + Math.fround(size)) > whole);
}

test("a part of a picture never reaches over its edge, however wide its place is", () => {
  const pictures = [[112, 63], [112, 84], [112, 199], [63, 112], [107, 61]].map(([width, height]) => ({ width, height }));
  const places = Array.from({ length: 4000 }, (_, at) => ({ width: 0.37 + at * 0.0737, height: HIGH }));
  const over = pictures.flatMap((picture) => places.filter((place) => reachesOver(middlePart(picture, place), picture)));

  assert.deepEqual(over, []);
});

test("the part is the middle, in the shape of its place", () => {
  assert.deepEqual(middlePart({ width: 112, height: 68 }, { width: 17, height: 34 }), { x: 39, y: 0, width: 34, height: 68 });
  assert.deepEqual(middlePart({ width: 100, height: 50 }, { width: 200, height: 50 }), { x: 0, y: 12.5, width: 100, height: 25 });
});

test("no other picture is drawn by a part of it", () => {
  const calls = readdirSync(PAGE, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".js"))
    .flatMap((name) => [...readFileSync(PAGE + name, "utf8").matchAll(/drawImage\((.*)\);/g)].map(([, args]) => ({ name, args })));
  const byParts = calls.filter(({ args }) => args.split(",").length > 5);

  assert.deepEqual(byParts.map(({ name }) => name), ["views/timeline/strip_layer.js"]);
});
