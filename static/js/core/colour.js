/** One hue per instance, one shade per region. */

// Share of white (positive) or black (negative) mixed into the instance's colour, by region.
const SHADES = [0, 0.34, -0.26, 0.6, -0.45, 0.18, -0.14, 0.48];

/** @param {string} colour "#rrggbb" @returns {number[]} */
export function rgb(colour) {
  const value = /^#[0-9a-f]{6}$/i.test(colour) ? parseInt(colour.slice(1), 16) : 0x888888;
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** The colour of the region at this place in the list. @param {string} colour @param {number} region_at */
export function shade(colour, region_at) {
  const share = SHADES[Math.max(0, region_at) % SHADES.length];
  const goal = share > 0 ? 255 : 0;
  const mixed = rgb(colour).map((part) => Math.round(part + (goal - part) * Math.abs(share)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
