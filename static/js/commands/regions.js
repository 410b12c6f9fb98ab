/** The regions that every instance has. */

import { inSentence } from "../core/format.js";
import { meOf } from "../core/people.js";
import { addRegion, deleteRegion, relabelRegion } from "../net/api.js";

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
    const { label, trash_id } = await deleteRegion(name, meOf(store.state));
    toast({ level: "info", message: `Region ${inSentence(label)} deleted.`, action: "restoreTrashed", args: [trash_id] });
  }

  return { makeRegion, renameRegion, hideRegion, removeRegion };
}
