/** The regions that every instance has. */

import { inSentence } from "../core/format.js";
import { addRegion, deleteRegion, relabelRegion, restoreRegion } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function}} deps */
export function regionCommands({ store, toast }) {
  /** @param {string} label what people call it; its name is made from that */
  const makeRegion = (label) => addRegion(label);

  /** @param {string} name @param {string} label */
  const renameRegion = (name, label) => relabelRegion(name, label);

  /** Draw its masks here or not. @param {string} region */
  const hideRegion = (region) => store.dispatch({ type: "region_hidden", region });

  /** Delete at once; the toast brings it back. One that is used is refused by the server. @param {string} name */
  async function removeRegion(name) {
    const { label } = await deleteRegion(name);
    toast({ level: "info", message: `Region ${inSentence(label)} deleted.`, action: "bringRegionBack", args: [name] });
  }

  /** @param {string} name */
  const bringRegionBack = (name) => restoreRegion(name);

  return { makeRegion, renameRegion, hideRegion, removeRegion, bringRegionBack };
}
