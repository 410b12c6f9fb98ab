import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";

import { encodeMask } from "../../static/js/core/mask_png.js";
import { decodeMask } from "../../static/js/net/mask_pixels.js";

const SIZE = { width: 21, height: 9 };
const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** A blob with a hole, which touches the right edge. */
const MASK = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, at) => {
  const [x, y] = [at % SIZE.width, Math.floor(at / SIZE.width)];
  return Number(x >= 6 && y >= 2 && y < 8 && !(x === 10 && y === 4));
});
const BOX = [6, 2, 21, 8];

const word = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

function chunk(kind, data) {
  const named = [...[...kind].map((letter) => letter.charCodeAt(0)), ...data];
  return [...word(data.length), ...named, ...word(crc32(Uint8Array.from(named)))];
}

/** As the PNG specification writes a row's bytes for each of the five filters. */
function filtered(rows, filterOf) {
  const at = (y, x) => (y < 0 || x < 0 ? 0 : rows[y][x]);
  const paeth = (a, b, c) => {
    const [pa, pb, pc] = [a, b, c].map((value) => Math.abs(a + b - c - value));
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  };
  const guess = [
    () => 0,
    (y, x) => at(y, x - 1),
    (y, x) => at(y - 1, x),
    (y, x) => (at(y, x - 1) + at(y - 1, x)) >> 1,
    (y, x) => paeth(at(y, x - 1), at(y - 1, x), at(y - 1, x - 1)),
  ];
  return rows.flatMap((row, y) => [filterOf(y), ...row.map((value, x) => (value - (guess[filterOf(y)]?.(y, x) ?? 0)) & 255)]);
}

function png({ rows, depth, filterOf, colour = 0, interlaced = 0, parts = 1, height = SIZE.height }) {
  const data = deflateSync(Uint8Array.from(filtered(rows, filterOf)));
  const long = Math.ceil(data.length / parts);
  const pieces = Array.from({ length: parts }, (_, i) => chunk("IDAT", [...data.subarray(i * long, (i + 1) * long)]));
  const header = chunk("IHDR", [...word(SIZE.width), ...word(height), depth, colour, 0, 0, interlaced]);
  return Uint8Array.from([...SIGNATURE, ...header, ...chunk("tEXt", [1, 2, 3]), ...pieces.flat(), ...chunk("IEND", [])]);
}

const grey = (value) => Array.from({ length: SIZE.height }, (_, y) => [...MASK.subarray(y * SIZE.width, (y + 1) * SIZE.width)].map((pixel) => pixel * value));
const bits = () =>
  grey(1).map((row) => [0, 8, 16].map((from) => Array.from({ length: 8 }, (_, i) => row[from + i] ?? 0).reduce((byte, bit) => byte * 2 + bit, 0)));

/** Every pixel of the frame, as the page asks for it. */
const seen = (pixels) => MASK.map((_, at) => Number(pixels.has(at % SIZE.width, Math.floor(at / SIZE.width))));

for (const [name, filterOf] of [
  ...["none", "left", "above", "mean", "Paeth"].map((name, filter) => [name, () => filter]),
  ["a mixture", (y) => (y * 3 + 2) % 5],
]) {
  test(`a mask of 1 and of 8 bits is read with the filter ${name}, whole and by its box`, () => {
    for (const file of [png({ rows: bits(), depth: 1, filterOf }), png({ rows: grey(255), depth: 8, filterOf, parts: 3 })]) {
      assert.deepEqual(seen(decodeMask(file, null)), MASK);
      assert.deepEqual(seen(decodeMask(file, BOX)), MASK);
    }
  });
}

test("only the part around the box is kept", () => {
  const pixels = decodeMask(encodeMask(MASK, SIZE).buffer, [8, 3, 12, 6]);

  assert.deepEqual([pixels.x, pixels.y, pixels.width, pixels.height], [6, 1, 8, 7]);
  assert.deepEqual([pixels.has(9, 4), pixels.has(10, 4), pixels.has(20, 4)], [true, false, false]);
});

test("a mask of noughts and ones is one of another program", () => {
  assert.deepEqual(seen(decodeMask(png({ rows: grey(1), depth: 8, filterOf: () => 0 }), null)), MASK);
  assert.deepEqual(seen(decodeMask(png({ rows: grey(128), depth: 8, filterOf: () => 2 }), null)), MASK);
  assert.equal(seen(decodeMask(png({ rows: grey(127), depth: 8, filterOf: () => 2 }), null)).indexOf(1), -1);
});

test("a file that is no such PNG is refused, not guessed", () => {
  const whole = encodeMask(MASK, SIZE);
  const damaged = Uint8Array.from(whole);
  damaged[whole.length - 20] ^= 1;
  const none = () => 0;
  for (const [file, why] of [
    [Uint8Array.of(1, 2, 3), /not a PNG/],
    [whole.slice(0, 8), /no header/],
    [damaged, /damaged/],
    [whole.slice(0, whole.length - 30), /cut short/],
    [png({ rows: grey(1), depth: 8, height: SIZE.height + 1, filterOf: none }), /too short/],
    [png({ rows: grey(1), depth: 8, colour: 3, filterOf: none }), /another kind/],
    [png({ rows: grey(1), depth: 8, interlaced: 1, filterOf: none }), /another kind/],
    [png({ rows: grey(1), depth: 2, filterOf: none }), /another kind/],
    [png({ rows: grey(1), depth: 8, filterOf: () => 5 }), /unknown kind/],
  ]) assert.throws(() => decodeMask(file, null), why);
});
