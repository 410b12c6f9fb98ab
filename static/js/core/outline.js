/** The border of a mask as line segments along pixel edges: sharp at every zoom. */

/**
 * @param {Uint8Array} mask_hw one byte per pixel, 0 = outside, row by row
 * @param {number} width @param {number} height
 * @returns {Int32Array} x0, y0, x1, y1 of each segment, in pixels from the mask's top left corner
 */
export function outline(mask_hw, width, height) {
  const padded = pad(mask_hw, width, height);
  const segments = [];
  horizontal(padded, width, height, segments);
  vertical(padded, width, height, segments);
  return Int32Array.from(segments);
}

/** A rim of zeros makes every border pixel's neighbour readable. */
function pad(mask_hw, width, height) {
  const padded = new Uint8Array((width + 2) * (height + 2));
  for (let y = 0; y < height; y += 1) {
    const row = (y + 1) * (width + 2) + 1;
    for (let x = 0; x < width; x += 1) padded[row + x] = mask_hw[y * width + x] ? 1 : 0;
  }
  return padded;
}

function horizontal(padded, width, height, segments) {
  const stride = width + 2;
  for (let y = 0; y <= height; y += 1) {
    let from = -1;
    for (let x = 0; x <= width; x += 1) {
      const above = y * stride + x + 1; // at x = width both are rim: a run always ends there
      const edge = padded[above] !== padded[above + stride];
      if (edge && from < 0) from = x;
      if (!edge && from >= 0) {
        segments.push(from, y, x, y);
        from = -1;
      }
    }
  }
}

function vertical(padded, width, height, segments) {
  const stride = width + 2;
  const from = new Int32Array(width + 1).fill(-1);
  for (let y = 0; y <= height; y += 1) {
    for (let x = 0; x <= width; x += 1) {
      const left = (y + 1) * stride + x; // at y = height the whole row is rim
      const edge = padded[left] !== padded[left + 1];
      if (edge && from[x] < 0) from[x] = y;
      if (!edge && from[x] >= 0) {
        segments.push(x, from[x], x, y);
        from[x] = -1;
      }
    }
  }
}
