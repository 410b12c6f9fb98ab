/** A mask's pixels, cropped to its box: to be tinted, outlined and looked up. */

import { outline } from "../core/outline.js";
import { maskOf } from "../core/png_mask.js";
import { openPng } from "../core/png_rows.js";

const PAD = 2; // pixels kept around the announced box, in case it is exclusive or rounded

/**
 * @typedef {{x: number, y: number, width: number, height: number, bytes: number, inside: Uint8Array,
 *   has: (x: number, y: number) => boolean,
 *   tinted: (colour: string) => OffscreenCanvas, path: () => Path2D}} MaskPixels
 *   x, y: the part's corner in the frame; `has` asks for a place of the frame, in source px
 */

/** @param {ArrayBuffer | Uint8Array} png @param {number[] | null | undefined} box where the mask lies @returns {MaskPixels} */
export function decodeMask(png, box) {
  const opened = openPng(png);
  const crop = cropOf(box, opened);
  return maskPixels(crop, maskOf(opened, crop));
}

/** The part of the frame that a mask with this box takes. @param {number[] | null | undefined} box @param {{width: number, height: number}} size */
export function cropOf(box, { width, height }) {
  if (!box) return { x: 0, y: 0, width, height };
  const x = Math.max(0, Math.floor(box[0]) - PAD);
  const y = Math.max(0, Math.floor(box[1]) - PAD);
  return {
    x,
    y,
    width: Math.max(1, Math.min(width, Math.ceil(box[2]) + PAD) - x),
    height: Math.max(1, Math.min(height, Math.ceil(box[3]) + PAD) - y),
  };
}

/** @param {{x: number, y: number, width: number, height: number}} crop @param {Uint8Array} inside one byte per pixel @returns {MaskPixels} */
export function maskPixels(crop, inside) {
  const { x: left, y: top, width, height } = crop;
  let path = null;
  let canvas = null;
  let filled = "";
  return {
    ...crop,
    inside,
    bytes: width * height * 5,
    has: (x, y) => {
      const [column, row] = [Math.floor(x) - left, Math.floor(y) - top];
      return column >= 0 && row >= 0 && column < width && row < height && inside[row * width + column] === 1;
    },
    path: () => (path ??= pathOf(outline(inside, width, height))),
    tinted: (colour) => {
      canvas ??= stencil(inside, width, height);
      if (filled !== colour) fill(canvas, (filled = colour));
      return canvas;
    },
  };
}

/** Opaque inside, clear outside. */
function stencil(inside, width, height) {
  const image = new ImageData(width, height);
  const rgba = new Uint32Array(image.data.buffer);
  for (let i = 0; i < inside.length; i += 1) rgba[i] = inside[i] ? 0xffffffff : 0;
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function fill(canvas, colour) {
  const context = canvas.getContext("2d");
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
}

function pathOf(segments) {
  const path = new Path2D();
  for (let i = 0; i < segments.length; i += 4) {
    path.moveTo(segments[i], segments[i + 1]);
    path.lineTo(segments[i + 2], segments[i + 3]);
  }
  return path;
}
