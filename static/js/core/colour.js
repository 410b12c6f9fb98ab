/** One hue per instance, one shade per region. */

// Degrees of hue and share of lightness that a region's shade is away from the instance's colour.
const SHADES = [
  [0, 0], [0, 0.15], [0, -0.16], [16, 0.05], [-16, 0.08], [16, -0.15], [-16, -0.12], [0, 0.24], [0, -0.27], [10, 0.2],
];

/** @param {string} colour "#rrggbb" @returns {number[]} */
export function rgb(colour) {
  const value = /^#[0-9a-f]{6}$/i.test(colour) ? parseInt(colour.slice(1), 16) : 0x888888;
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Hue in degrees, saturation and lightness from 0 to 1. */
function hsl(colour) {
  const [r, g, b] = rgb(colour).map((part) => part / 255);
  const high = Math.max(r, g, b);
  const spread = high - Math.min(r, g, b);
  const lightness = high - spread / 2;
  if (spread === 0) return [0, 0, lightness];
  const sixth = high === r ? ((g - b) / spread) % 6 : high === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return [sixth * 60, spread / (1 - Math.abs(2 * lightness - 1)), lightness];
}

function hex([hue, saturation, lightness]) {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset) => {
    const turn = (((offset + hue / 30) % 12) + 12) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(turn - 3, 9 - turn, 1));
    return Math.round(value * 255).toString(16).padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}

/** The colour of the region at this place in the list. @param {string} colour @param {number} region_at */
export function shade(colour, region_at) {
  const [turn, lift] = SHADES[Math.max(0, region_at) % SHADES.length];
  const [hue, saturation, lightness] = hsl(colour);
  return hex([hue + turn, saturation, Math.min(0.9, Math.max(0.2, lightness + lift))]);
}
