import assert from "node:assert/strict";
import { test } from "node:test";

import { latencyParts } from "../../static/js/core/latency.js";

test("the parts of a click's latency add up to the whole", () => {
  const timings = { queue_s: 0.001, encode_s: 0.02, decode_s: 0.03, png_s: 0.001 };
  const parts = latencyParts(timings, { waited_ms: 60, ms: 75 });

  assert.deepEqual(parts.map(({ name, ms }) => [name, Math.round(ms)]), [
    ["queue", 1], ["encode", 20], ["decode", 30], ["png", 1], ["network", 8], ["drawing", 15],
  ]);
});
