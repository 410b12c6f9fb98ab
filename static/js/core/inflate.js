/**
 * Expands a zlib stream at once. A mask is mostly long repetitions, which the browser's own stream hands out in pieces,
 * several times slower.
 */

import { BASES, EXTRA } from "./deflate.js";

// RFC 1951: distances of a repetition, and the order in which the lengths of a block's own code come.
const DISTANCES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_EXTRA = DISTANCES.map((_, at) => Math.max(0, (at >> 1) - 1));
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const ZLIB_HEADER = 2; // bytes
const END = 256;

/** The code of a block that brings none of its own. */
const FIXED = {
  literals: tableOf([...Array(144).fill(8), ...Array(112).fill(9), ...Array(24).fill(7), ...Array(8).fill(8)]),
  distances: tableOf(Array(30).fill(5)),
};

/** A Huffman code by its next bits: symbol and number of bits. @param {number[]} lengths of each symbol's code */
function tableOf(lengths) {
  const bits = Math.max(1, ...lengths);
  const table = new Uint16Array(1 << bits);
  let code = 0;
  for (let length = 1; length <= bits; length += 1, code <<= 1) {
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue;
      for (let at = reversed(code, length); at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
      code += 1;
    }
  }
  return { table, bits };
}

function reversed(code, length) {
  let turned = 0;
  for (let bit = 0; bit < length; bit += 1) turned |= ((code >> bit) & 1) << (length - 1 - bit);
  return turned;
}

class BitReader {
  #held = 0;
  #count = 0;

  /** @param {Uint8Array} data @param {number} at */
  constructor(data, at) {
    this.data = data;
    this.at = at;
  }

  /** The next bits, lowest first, without taking them; noughts after the end. */
  peek(count) {
    while (this.#count < count) {
      this.#held |= (this.data[this.at] ?? 0) << this.#count;
      this.at += 1;
      this.#count += 8;
    }
    return this.#held & ((1 << count) - 1);
  }

  take(count) {
    const value = this.peek(count);
    this.#held >>>= count;
    this.#count -= count;
    if (this.at - (this.#count >> 3) > this.data.length) throw new Error("The compressed data ends too early.");
    return value;
  }

  symbol({ table, bits }) {
    const entry = table[this.peek(bits)];
    if (!entry) throw new Error("The compressed data is broken.");
    this.take(entry & 15);
    return entry >> 4;
  }

  /** Go to the next whole byte. */
  align() {
    this.take(this.#count & 7);
    this.at -= this.#count >> 3;
    this.#held = this.#count = 0;
  }
}

/** @param {Uint8Array} data a zlib stream @param {number} length of what is wanted from its start @returns {Uint8Array} */
export function inflated(data, length) {
  const bits = new BitReader(data, ZLIB_HEADER);
  const out = new Uint8Array(length);
  let at = 0;
  for (let last = 0; at < length; ) {
    if (last) throw new Error("The compressed data is too short.");
    last = bits.take(1);
    const kind = bits.take(2);
    if (kind === 3) throw new Error("The compressed data is broken.");
    at = kind === 0 ? copyStored(bits, out, at) : expand(bits, out, { at, ...(kind === 1 ? FIXED : ownCode(bits)) });
  }
  return out;
}

function copyStored(bits, out, at) {
  bits.align();
  const length = bits.take(16);
  bits.take(16); // its complement
  bits.align();
  const part = bits.data.subarray(bits.at, bits.at + Math.min(length, out.length - at));
  out.set(part, at);
  bits.at += length;
  return at + part.length;
}

/** Expand symbols until the block ends or `out` is full. @returns {number} the end of what is written */
function expand(bits, out, { at, literals, distances }) {
  while (at < out.length) {
    const symbol = bits.symbol(literals);
    if (symbol === END) break;
    if (symbol < END) {
      out[at] = symbol;
      at += 1;
      continue;
    }
    const length = BASES[symbol - 257] + bits.take(EXTRA[symbol - 257]);
    const far = bits.symbol(distances);
    const distance = DISTANCES[far] + bits.take(DISTANCE_EXTRA[far]);
    if (!(distance <= at)) throw new Error("The compressed data is broken.");
    repeat(out, at, { length: Math.min(length, out.length - at), distance });
    at += length;
  }
  return at;
}

function repeat(out, at, { length, distance }) {
  if (distance === 1) {
    if (out[at - 1]) out.fill(out[at - 1], at, at + length); // noughts are there already
  } else if (distance >= length) out.copyWithin(at, at - distance, at - distance + length);
  else {
    for (let end = at + length; at < end; at += 1) out[at] = out[at - distance];
  }
}

/** The code that a block brings along: its lengths are themselves written in a code. */
function ownCode(bits) {
  const [literals, distances, given] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  const of_lengths = Array(19).fill(0);
  for (let at = 0; at < given; at += 1) of_lengths[ORDER[at]] = bits.take(3);
  const code = tableOf(of_lengths);
  const lengths = [];
  while (lengths.length < literals + distances) {
    const symbol = bits.symbol(code);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) lengths.push(...Array(3 + bits.take(2)).fill(lengths.at(-1) ?? 0));
    else lengths.push(...Array(symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7)).fill(0));
  }
  return { literals: tableOf(lengths.slice(0, literals)), distances: tableOf(lengths.slice(literals, literals + distances)) };
}
