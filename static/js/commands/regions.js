/** The regions that every instance has. */

import { addRegion, relabelRegion } from "../net/api.js";

/** @param {{store: any}} deps */
export function regionCommands({ store }) {
  /** @param {string} label what people call it; its name is made from that */
  const makeRegion = (label) => addRegion(label);

  /** @param {string} name @param {string} label */
  const renameRegion = (name, label) => relabelRegion(name, label);

  /** Draw its masks here or not. @param {string} region */
  const hideRegion = (region) => store.dispatch({ type: "region_hidden", region });

  return { makeRegion, renameRegion, hideRegion };
}
