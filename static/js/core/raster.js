/** Crops masks and finds their boxes. */

/**
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x0: number, y0: number, x1: number, y1: number, changed: number}} Touched
 *   whole pixels gone over, ends exclusive, and how many of them have another value now
 */

/** The pixels around these places, cut at the frame. @param {Size} size @param {number[][]} places @param {number} [reach] @returns {Touched} */
export function touchedPixels({ width, height }, places, reach = 0) {
  const xs = places.map(([x]) => x);
  const ys = places.map(([, y]) => y);
  const cut = (value, most) => Math.min(most, Math.max(0, value));
  return {
    x0: cut(Math.floor(Math.min(...xs) - reach), width),
    y0: cut(Math.floor(Math.min(...ys) - reach), height),
    x1: cut(Math.ceil(Math.max(...xs) + reach), width),
    y1: cut(Math.ceil(Math.max(...ys) + reach), height),
    changed: 0,
  };
}

/** The smallest box around what is set, [x0, y0, x1, y1] with ends exclusive, or null. @param {Uint8Array} mask_hw @param {Size} size */
export function maskBox(mask_hw, { width }) {
  const first = mask_hw.indexOf(1);
  if (first < 0) return null;
  const y0 = Math.floor(first / width);
  const y1 = Math.floor(mask_hw.lastIndexOf(1) / width) + 1;
  let [x0, x1] = [width, 0];
  for (let y = y0; y < y1; y += 1) {
    const row = mask_hw.subarray(y * width, (y + 1) * width);
    const left = row.indexOf(1);
    if (left < 0) continue;
    x0 = Math.min(x0, left);
    x1 = Math.max(x1, row.lastIndexOf(1) + 1);
  }
  return [x0, y0, x1, y1];
}

/** A part of a mask. @param {Uint8Array} mask_hw @param {Size} size @param {{x: number, y: number, width: number, height: number}} crop */
export function cropped(mask_hw, size, { x, y, width, height }) {
  const part = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const from = (y + row) * size.width + x;
    part.set(mask_hw.subarray(from, from + width), row * width);
  }
  return part;
}

/** A mask of the whole frame from a part of it. @param {Uint8Array} part @param {Size} size @param {{x: number, y: number, width: number, height: number}} crop */
export function uncropped(part, size, { x, y, width, height }) {
  const mask_hw = new Uint8Array(size.width * size.height);
  for (let row = 0; row < height; row += 1) {
    mask_hw.set(part.subarray(row * width, (row + 1) * width), (y + row) * size.width + x);
  }
  return mask_hw;
}
