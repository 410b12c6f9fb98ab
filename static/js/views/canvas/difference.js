/** Draws what a mask gained and lost against the one before it, in colours that every eye tells apart. */

/** @import { MaskPixels } from "../../net/mask_pixels.js" */

export const DIFFERENCE_COLOURS = { added: "#2f8cff", removed: "#ff9d1c", same: "#aab3bd" };
const ALPHA = { added: 220, removed: 220, same: 90 };
const KNOWN = new WeakMap(); // after → {before, canvas}

/**
 * @param {CanvasRenderingContext2D} context in source px @param {MaskPixels} before @param {MaskPixels} after
 */
export function drawDifference(context, before, after) {
  let known = KNOWN.get(after);
  if (known?.before !== before) {
    known = { before, ...differenceOf(before, after) };
    KNOWN.set(after, known);
  }
  context.drawImage(known.canvas, known.x, known.y);
}

/** Draw one picture around both masks. */
function differenceOf(before, after) {
  const x = Math.min(before.x, after.x);
  const y = Math.min(before.y, after.y);
  const width = Math.max(before.x + before.width, after.x + after.width) - x;
  const height = Math.max(before.y + before.height, after.y + after.height) - y;
  const image = new ImageData(width, height);
  const rgba = new Uint32Array(image.data.buffer);
  const colour = Object.fromEntries(Object.entries(DIFFERENCE_COLOURS).map(([name, text]) => [name, packed(text, ALPHA[name])]));
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const was = before.has(x + column, y + row);
      const is = after.has(x + column, y + row);
      if (was || is) rgba[row * width + column] = was && is ? colour.same : is ? colour.added : colour.removed;
    }
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return { x, y, canvas };
}

/** A colour as the four bytes of a pixel, red first in memory. @param {string} text "#rrggbb" @param {number} alpha 0 to 255 */
function packed(text, alpha) {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
