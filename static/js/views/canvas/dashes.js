/** Dashes for outlines that are many short lines: a pattern of slanted bands, of the same size at every zoom. */

const SIDE = 16; // CSS px from one dash to the next along a level edge
const PATTERNS = new Map();
const MOST_PATTERNS = 100;

/** @param {CanvasRenderingContext2D} context scaled by `scale` @param {string} colour @param {number} scale @returns {CanvasPattern} */
export function dashes(context, colour, scale) {
  if (PATTERNS.size >= MOST_PATTERNS) PATTERNS.clear();
  if (!PATTERNS.has(colour)) PATTERNS.set(colour, context.createPattern(tileOf(colour), "repeat"));
  const pattern = PATTERNS.get(colour);
  pattern.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern;
}

/** Bands that rise by one for each two to the side: hardly any edge runs along them. */
function tileOf(colour) {
  const tile = new OffscreenCanvas(SIDE, SIDE);
  const paint = tile.getContext("2d");
  paint.fillStyle = colour;
  for (let y = 0; y < SIDE; y += 1) {
    const from = (2 * y) % SIDE;
    for (const x of [from, from - SIDE]) paint.fillRect(x, y, SIDE / 2, 1);
  }
  return tile;
}
