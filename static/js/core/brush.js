/** Painting a mask by hand, stroke by stroke; one byte per pixel. */

import { touchedPixels } from "./raster.js";

const FINE_RADIUS = 0.75; // below it a stroke follows the middles of pixels, one pixel wide
const ONE_PIXEL = 0.501; // reach from a pixel's middle: a line of single pixels has no gaps

/**
 * A stroke from one place to the next: round at both ends. A pixel is in it if its middle is.
 * @param {Uint8Array} mask_hw changed in place @param {import("./raster.js").Size} size
 * @param {{from: number[], to: number[], radius: number}} stroke in source px
 * @param {number} value 1 paints, 0 erases @returns {import("./raster.js").Touched}
 */
export function paintStroke(mask_hw, size, { from, to, radius }, value) {
  const fine = radius < FINE_RADIUS;
  const reach = fine ? ONE_PIXEL : radius;
  const [a, b] = fine ? [middleOf(from), middleOf(to)] : [from, to];
  const touched = touchedPixels(size, [a, b], reach);
  const { x0, y0, x1, y1 } = touched;
  for (let y = y0; y < y1; y += 1) {
    for (let x = x0, at = y * size.width + x0; x < x1; x += 1, at += 1) {
      if (mask_hw[at] === value || farSquared(x + 0.5, y + 0.5, a, b) > reach * reach) continue;
      mask_hw[at] = value;
      touched.changed += 1;
    }
  }
  return touched;
}

const middleOf = (point) => point.map((value) => Math.floor(value) + 0.5);

/** Squared distance from (x, y) to the segment from a to b. */
function farSquared(x, y, [ax, ay], [bx, by]) {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2;
}
