/** The user's own keys, kept by this browser. */

import { boundRows, withKey, withoutOwn } from "../core/bindings.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, keymap: any[]}} deps */
export function keyCommands({ store, keymap }) {
  const set = (keys) => store.dispatch({ type: "keys_bound", keys });
  const own = () => store.state.view.keys;

  /** Give a row another key; a row that had it loses it. @param {{name: string, from: string | null, to: string}} change */
  const bindKey = (change) => set(withKey(boundRows(keymap, own()), own(), change));

  /** @param {string} name of the row */
  const resetKey = (name) => set(withoutOwn(keymap, own(), name));
  const resetKeys = () => set({});

  return { bindKey, resetKey, resetKeys };
}
