/** Colours as people see them: lightness and chroma from 0 to about 1 and 0.3, hue in degrees (Ottosson's OKLab). */

const toLinear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const fromLinear = (value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
const CHROMA_STEP = 0.94; // the chroma shrinks by it until a screen can show the colour
const SHOWN = 0.002; // linear light beyond 0 and 1 that rounding hides

/** Linear light → L, a, b. @param {number[]} linear red, green, blue */
export function labOfLinear([r, g, b]) {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function linearOfLab([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** @param {number[]} rgb from 0 to 255 */
export const linearOf = (rgb) => rgb.map((part) => toLinear(part / 255));

/** @param {number[]} rgb from 0 to 255 @returns {number[]} lightness, chroma, hue */
export function oklch(rgb) {
  const [lightness, a, b] = labOfLinear(linearOf(rgb));
  return [lightness, Math.hypot(a, b), (Math.atan2(b, a) * 180) / Math.PI];
}

/** The nearest colour that a screen shows: as light, of that hue, as strong as can be. @param {number[]} colour lightness, chroma, hue @returns {string} "#rrggbb" */
export function hexOf([lightness, chroma, hue]) {
  const angle = (hue * Math.PI) / 180;
  let linear;
  for (let strength = chroma; ; strength *= CHROMA_STEP) {
    linear = linearOfLab([lightness, strength * Math.cos(angle), strength * Math.sin(angle)]);
    if (strength < 0.005 || linear.every((part) => part >= -SHOWN && part <= 1 + SHOWN)) break;
  }
  const parts = linear.map((part) => Math.round(255 * fromLinear(Math.min(1, Math.max(0, part)))));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
