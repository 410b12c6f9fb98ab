/** Fills a polygon into a mask. */

import { touchedPixels } from "./raster.js";

/**
 * Fill by the even-odd rule; a pixel is in if its middle is. The last corner leads to the first.
 * @param {Uint8Array} mask_hw changed in place @param {import("./raster.js").Size} size
 * @param {number[][]} corners in source px @param {number} value 1 adds, 0 cuts
 * @returns {import("./raster.js").Touched}
 */
export function fillPolygon(mask_hw, size, corners, value) {
  const touched = touchedPixels(size, corners);
  const { x0, y0, x1, y1 } = touched;
  for (let y = y0; y < y1; y += 1) {
    const cuts = crossings(corners, y + 0.5);
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      const from = Math.max(x0, Math.ceil(cuts[i] - 0.5));
      const to = Math.min(x1, Math.ceil(cuts[i + 1] - 0.5));
      touched.changed += fillRow(mask_hw, y * size.width + from, to - from, value);
    }
  }
  return touched;
}

function fillRow(mask_hw, from, length, value) {
  let changed = 0;
  for (let at = from; at < from + length; at += 1) {
    if (mask_hw[at] === value) continue;
    mask_hw[at] = value;
    changed += 1;
  }
  return changed;
}

/** The x at which the sides cross the height y, from left to right. */
function crossings(corners, y) {
  const found = [];
  for (let at = 0; at < corners.length; at += 1) {
    const [xa, ya] = corners[at];
    const [xb, yb] = corners[(at + 1) % corners.length];
    if (ya <= y !== yb <= y) found.push(xa + ((y - ya) / (yb - ya)) * (xb - xa));
  }
  return found.sort((a, b) => a - b);
}
