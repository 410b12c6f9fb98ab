/** Encodes a mask as a 1-bit PNG, the form in which the server takes a mask made by hand. */

import { deflated } from "./deflate.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const FILTER_UP = 2; // rows as their difference from the row above: a mask's hardly differ

/** @param {Uint8Array} mask_hw one byte per pixel, 1 is inside @param {import("./raster.js").Size} size @returns {Uint8Array} */
export function encodeMask(mask_hw, { width, height }) {
  const header = new Uint8Array([...word(width), ...word(height), 1, 0, 0, 0, 0]);
  const rows = chunk("IDAT", deflated(differences(packed(mask_hw, width, height), height)));
  return joined([SIGNATURE, chunk("IHDR", header), rows, chunk("IEND", new Uint8Array())]);
}

/** Eight pixels to a byte, the first one highest. */
function packed(mask_hw, width, height) {
  const stride = Math.ceil(width / 8);
  const bits = new Uint8Array(stride * height);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (mask_hw[at]) bits[y * stride + (x >> 3)] |= 128 >> (x & 7);
    }
  }
  return bits;
}

function differences(bits, height) {
  const stride = bits.length / height;
  const rows = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; y += 1) {
    rows[y * (stride + 1)] = FILTER_UP;
    for (let x = 0; x < stride; x += 1) {
      const above = y ? bits[(y - 1) * stride + x] : 0;
      rows[y * (stride + 1) + 1 + x] = bits[y * stride + x] - above; // wraps, as it should
    }
  }
  return rows;
}

function chunk(kind, data) {
  const named = joined([[...kind].map((letter) => letter.charCodeAt(0)), data]);
  return joined([word(data.length), named, word(crc32(named))]);
}

const word = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** Bytes as text, for where only JSON is kept. @param {Uint8Array} bytes */
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** @param {string} text @returns {Uint8Array} */
export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
