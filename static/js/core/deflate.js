/** Compresses bytes to a zlib stream at once: it shortens runs of one byte and looks for nothing else. */

const LONGEST = 258; // bytes that one repetition can stand for
const SHORTEST = 3;
// RFC 1951, 3.2.5: first length of each code from 257 on, and its number of extra bits.
export const BASES = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
export const EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const END = 256;

class BitWriter {
  bytes = [0x78, 0x01]; // the header of zlib
  #byte = 0;
  #used = 0;

  /** Lowest bit first. */
  add(value, count) {
    for (let bit = 0; bit < count; bit += 1) {
      this.#byte |= ((value >> bit) & 1) << this.#used;
      this.#used += 1;
      if (this.#used === 8) this.flush();
    }
  }

  flush() {
    if (this.#used) this.bytes.push(this.#byte);
    this.#byte = this.#used = 0;
  }
}

/** The fixed Huffman code of a literal or length, highest bit first. */
function addSymbol(bits, symbol) {
  const [code, count] =
    symbol < 144 ? [0x30 + symbol, 8]
    : symbol < 256 ? [0x190 + symbol - 144, 9]
    : symbol < 280 ? [symbol - 256, 7]
    : [0xc0 + symbol - 280, 8];
  for (let bit = count - 1; bit >= 0; bit -= 1) bits.add((code >> bit) & 1, 1);
}

/** The byte before, so many times more. */
function addRun(bits, length) {
  const at = BASES.findLastIndex((base) => base <= length);
  addSymbol(bits, 257 + at);
  bits.add(length - BASES[at], EXTRA[at]);
  bits.add(0, 5); // distance 1
}

/** @param {Uint8Array} data @returns {Uint8Array} what zlib inflates to the same */
export function deflated(data) {
  const bits = new BitWriter();
  bits.add(0b011, 3); // the last block, fixed codes
  for (let at = 0; at < data.length; ) {
    const length = at ? repeated(data, at) : 0;
    if (length >= SHORTEST) addRun(bits, length);
    else addSymbol(bits, data[at]);
    at += length >= SHORTEST ? length : 1;
  }
  addSymbol(bits, END);
  bits.flush();
  const sum = adler32(data);
  return Uint8Array.from([...bits.bytes, sum >>> 24, (sum >>> 16) & 255, (sum >>> 8) & 255, sum & 255]);
}

function repeated(data, at) {
  let length = 0;
  while (length < LONGEST && at + length < data.length && data[at + length] === data[at - 1]) length += 1;
  return length;
}

function adler32(data) {
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
