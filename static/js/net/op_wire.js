/** An op as it is kept (plain JSON, so that a reload can repeat it) → as it is sent. */

import { fromBase64 } from "../core/mask_png.js";

/** @param {string} event @param {any} data @returns {any} */
export function onWire(event, data) {
  if (event !== "set_mask") return data;
  const { png, ...rest } = data;
  return { ...rest, mask: fromBase64(png) };
}
