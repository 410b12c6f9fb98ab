/** Gives every instance a hue and each of its regions a shade of it. */

import { hexOf, oklch } from "./oklch.js";

// A region is lighter than the instance by one of these; steps that leave the range of colours are left out.
const STEPS = [0, 0.13, -0.14, 0.26, -0.27, -0.4];
const LIGHTEST = 0.95;
const DARKEST = 0.41;
// Once the lightnesses are used up: degrees of hue, each a little darker, where colours are stronger.
const TURNS = [[0, 0], [40, -0.06], [-40, -0.06], [75, 0], [-75, 0]];
const KNOWN = new Map(); // instance colour → its shades

/** @param {string} colour "#rrggbb" @returns {number[]} */
export function rgb(colour) {
  const value = /^#[0-9a-f]{6}$/i.test(colour) ? parseInt(colour.slice(1), 16) : 0x888888;
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** The colour of the region at this place in the list. @param {string} colour @param {number} region_at */
export function shade(colour, region_at) {
  if (!KNOWN.has(colour)) KNOWN.set(colour, shadesOf(colour));
  const shades = KNOWN.get(colour);
  return shades[Math.max(0, region_at) % shades.length];
}

/** The instance's own colour first. */
function shadesOf(colour) {
  const [lightness, chroma, hue] = oklch(rgb(colour));
  const levels = STEPS.map((step) => lightness + step).filter(
    (level) => level === lightness || (level <= LIGHTEST && level >= DARKEST),
  );
  const shades = TURNS.flatMap(([turn, down]) => levels.map((level) => hexOf([level + down, chroma, hue + turn])));
  return [colour, ...shades.slice(1)];
}
