/** Opens a mask's PNG without a canvas: a browser that resists fingerprinting puts noise into what is read back from one. */

import { inflated } from "./inflate.js";
import { crc32 } from "./mask_png.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER = 8; // the first chunk begins here
const FRAME = 12; // bytes of a chunk around its data: length, kind, checksum

/**
 * @typedef {{width: number, height: number, depth: number, stride: number, zlib: Uint8Array}} MaskPng
 *   depth: bits of a pixel, 1 or 8; stride: bytes of a row, beside the one of its filter
 */

/** @param {ArrayBuffer | Uint8Array} png grey, of 1 or 8 bits, as the server sends masks @returns {MaskPng} */
export function openPng(png) {
  const bytes = png instanceof Uint8Array ? png : new Uint8Array(png);
  if (SIGNATURE.some((byte, at) => bytes[at] !== byte)) throw new Error("The mask is not a PNG.");
  const found = chunks(bytes);
  const header = found.find(({ kind }) => kind === "IHDR");
  if (!header) throw new Error("The mask's PNG has no header.");
  return { ...sizeOf(header.data), zlib: joined(found.filter(({ kind }) => kind === "IDAT").map(({ data }) => data)) };
}

/** The rows down to number `height`, each its filter and `stride` bytes. @param {MaskPng} png @param {number} height */
export const rowsOf = ({ zlib, stride }, height) => inflated(zlib, height * (stride + 1));

function chunks(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = [];
  for (let at = HEADER; at + FRAME <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) throw new Error("The mask's PNG is cut short.");
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) throw new Error("The mask's PNG is damaged.");
    found.push({ kind: String.fromCharCode(...bytes.subarray(at + 4, at + 8)), data: bytes.subarray(at + 8, end) });
    at = end + 4;
  }
  return found;
}

function sizeOf(header) {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [depth, colour, , , interlaced] = header.subarray(8, 13);
  if ((depth !== 1 && depth !== 8) || colour || interlaced) throw new Error("The mask's PNG is of another kind.");
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  return { width, height, depth, stride: Math.ceil((width * depth) / 8) };
}

function joined(parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    whole.set(part, at);
    return at + part.length;
  }, 0);
  return whole;
}
