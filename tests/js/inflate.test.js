import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateSync } from "node:zlib";

import { deflated } from "../../static/js/core/deflate.js";
import { inflated } from "../../static/js/core/inflate.js";

/** Bytes in a fixed order that looks like chance, from few values or all. */
function noise(length, values) {
  let seed = 7;
  return Uint8Array.from({ length }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 24) % values;
  });
}

const INPUTS = {
  nothing: new Uint8Array(),
  "one byte": Uint8Array.of(9),
  noughts: new Uint8Array(200_000),
  "one value": new Uint8Array(70_000).fill(255),
  "few values": noise(50_000, 3),
  "all values": noise(150_000, 256),
  "a pattern of three": Uint8Array.from({ length: 30_000 }, (_, at) => [1, 2, 200][at % 3]),
  "the same far behind": Uint8Array.from([...noise(32_000, 256), ...noise(32_000, 256)]),
};

for (const [name, input] of Object.entries(INPUTS)) {
  test(`${name} come back from every way of compressing`, () => {
    for (const level of [0, 1, 6, 9]) assert.deepEqual(inflated(deflateSync(input, { level }), input.length), input);
    for (const strategy of [constants.Z_FIXED, constants.Z_RLE, constants.Z_HUFFMAN_ONLY]) {
      assert.deepEqual(inflated(deflateSync(input, { strategy }), input.length), input);
    }
    assert.deepEqual(inflated(deflated(input), input.length), input);
  });
}

test("only the wanted start is expanded", () => {
  const input = INPUTS["few values"];

  for (const level of [0, 1, 9]) assert.deepEqual(inflated(deflateSync(input, { level }), 777), input.slice(0, 777));
});

test("what is cut, too short or broken is refused", () => {
  const whole = deflateSync(INPUTS["few values"]);

  assert.throws(() => inflated(whole.subarray(0, whole.length >> 1), 50_000), /too early/);
  assert.throws(() => inflated(whole, 50_001), /too short/);
  assert.throws(() => inflated(Uint8Array.of(0x78, 0x01, 0b111), 1), /broken/);
  assert.throws(() => inflated(Uint8Array.of(0x78, 0x01, 0b011, 0b10, 0), 5), /broken/, "a repetition of nothing");
});
