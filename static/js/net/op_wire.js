/** Turns an op as it is kept (plain JSON, so that a reload can repeat it) into the one that is sent. */

import { fromBase64 } from "../core/mask_png.js";

/** @param {string} event @param {any} data @returns {any} */
export function onWire(event, data) {
  if (event !== "set_mask") return data;
  const { png, mask = png, ...rest } = data; // png: kept by a page of an earlier version
  return { ...rest, mask: fromBase64(mask) };
}
