import assert from "node:assert/strict";
import { test } from "node:test";

import { picked, pairsUnder } from "../../static/js/core/hover.js";

const square = (pair, [x0, y0, x1, y1]) => ({
  pair, area: (x1 - x0) * (y1 - y0), has: (x, y) => x >= x0 && y >= y0 && x < x1 && y < y1,
});
const LYING = [square("1/overall", [0, 0, 20, 20]), square("1/shaft", [5, 5, 10, 10]), square("2/overall", [8, 8, 30, 9])];

test("the smallest mask under the pointer comes first: a part before its whole", () => {
  assert.deepEqual(pairsUnder(LYING, [6.2, 6.9]), ["1/shaft", "1/overall"]);
  assert.deepEqual(pairsUnder(LYING, [8.5, 8.5]), ["2/overall", "1/shaft", "1/overall"]);
  assert.deepEqual(pairsUnder(LYING, [40, 40]), []);
});

test("picking again at the same place goes on to the pair below, and around", () => {
  const under = ["1/shaft", "1/overall"];

  assert.deepEqual(["2/wrist", "1/shaft", "1/overall"].map((selected) => picked(under, selected)), ["1/shaft", "1/overall", "1/shaft"]);
  assert.equal(picked([], "1/shaft"), null);
});
