/** Reads a mask's pixels out of the rows of its PNG. */

import { rowsOf } from "./png_rows.js";

/** @import { MaskPng } from "./png_rows.js" */

const [NONE, SUB, UP, AVERAGE, PAETH] = [0, 1, 2, 3, 4];

/**
 * One byte per pixel of a part of the mask, 1 inside: above 127 of 255, or above 0 where nothing is more than 1.
 * @param {MaskPng} png @param {{x: number, y: number, width: number, height: number}} crop @returns {Uint8Array}
 */
export function maskOf(png, crop) {
  const rows = rowsOf(png, crop.y + crop.height);
  unfilter(rows, png, crop);
  return png.depth === 1 ? fromBits(rows, png, crop) : fromBytes(rows, png, crop);
}

/** Undo the filters of as few columns as they allow: most masks are stored as differences from the row above. */
function unfilter(rows, { stride, depth }, { x, width }) {
  const step = stride + 1;
  const from = allColumnsAlone(rows, step) ? (x * depth) >> 3 : 0;
  const to = Math.ceil(((x + width) * depth) / 8);
  for (let at = 0; at < rows.length; at += step) {
    const filter = UNFILTERS[rows[at]];
    if (!filter) throw new Error("The mask's PNG has a row of unknown kind.");
    filter(rows, at + 1, { from, to, above: at ? at + 1 - step : -1 });
  }
}

function allColumnsAlone(rows, step) {
  for (let at = 0; at < rows.length; at += step) if (rows[at] !== NONE && rows[at] !== UP) return false;
  return true;
}

/** By filter: bytes of the row that starts at `row` become what they were; `above` is the row before, or −1. */
const UNFILTERS = {
  [NONE]: () => {},
  [SUB]: (rows, row, { from, to }) => {
    for (let at = Math.max(1, from); at < to; at += 1) rows[row + at] += rows[row + at - 1];
  },
  [UP]: (rows, row, { from, to, above }) => {
    if (above < 0) return;
    for (let at = from; at < to; at += 1) rows[row + at] += rows[above + at];
  },
  [AVERAGE]: (rows, row, { from, to, above }) => {
    for (let at = from; at < to; at += 1) {
      const left = at ? rows[row + at - 1] : 0;
      rows[row + at] += (left + (above < 0 ? 0 : rows[above + at])) >> 1;
    }
  },
  [PAETH]: (rows, row, { from, to, above }) => {
    for (let at = from; at < to; at += 1) {
      const left = at ? rows[row + at - 1] : 0;
      const up = above < 0 ? 0 : rows[above + at];
      rows[row + at] += nearest(left, up, at && above >= 0 ? rows[above + at - 1] : 0);
    }
  },
};

/** Paeth's predictor: whichever of the three is nearest to left + up − corner. */
function nearest(left, up, corner) {
  const [to_left, to_up, to_corner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (to_left <= to_up && to_left <= to_corner) return left;
  return to_up <= to_corner ? up : corner;
}

function fromBits(rows, { stride }, { x, y, width, height }) {
  const inside = new Uint8Array(width * height);
  for (let row = 0, at = 0; row < height; row += 1) {
    const start = (y + row) * (stride + 1) + 1;
    for (let column = x; column < x + width; column += 1, at += 1) {
      inside[at] = (rows[start + (column >> 3)] >> (7 - (column & 7))) & 1;
    }
  }
  return inside;
}

function fromBytes(rows, { stride }, { x, y, width, height }) {
  const inside = new Uint8Array(width * height);
  let most = 0;
  for (let row = 0, at = 0; row < height; row += 1) {
    const start = (y + row) * (stride + 1) + 1 + x;
    for (let column = 0; column < width; column += 1, at += 1) {
      const value = rows[start + column];
      inside[at] = value >> 7;
      if (value > most) most = value;
    }
  }
  if (most !== 1) return inside;
  for (let at = 0; at < inside.length; at += 1) {
    inside[at] = rows[(y + Math.floor(at / width)) * (stride + 1) + 1 + x + (at % width)];
  }
  return inside;
}
