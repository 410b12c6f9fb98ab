/** The selected pair, and the instance that is shown alone. */

import { picked } from "../core/hover.js";
import { splitPair } from "../core/pairs.js";
import { currentPair } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store}} deps */
export function selectionCommands({ store }) {
  /** Null keeps the instance or the region that is selected. @param {number | null} instance_id @param {string | null} region */
  const selectPair = (instance_id, region) =>
    store.dispatch({ type: "pair_selected", instance_id, region });

  /** Select an instance by its place in the list. @param {number} number from 1 */
  function selectInstance(number) {
    const instance = store.state.annotations.instances[number - 1];
    if (instance) selectPair(instance.instance_id, null);
  }

  /** Select the pair under the pointer; again, the one below it. */
  function pickHovered() {
    const pair = picked(store.state.view.hovered, currentPair(store.state));
    if (!pair) return;
    const { instance_id, region } = splitPair(pair);
    selectPair(instance_id, region);
  }

  /** @param {number} step 1 or -1 */
  function stepRegion(step) {
    const { regions, region } = store.state.annotations;
    if (!regions.length) return;
    const at = regions.findIndex(({ name }) => name === region);
    selectPair(null, regions[(at + step + regions.length) % regions.length].name);
  }

  /** Show only this instance in this window; the same one again shows all. @param {number} instance_id */
  const soloInstance = (instance_id) => store.dispatch({ type: "solo_changed", instance_id });
  const toggleSolo = () => store.state.annotations.instance_id !== null && soloInstance(store.state.annotations.instance_id);

  return { selectPair, selectInstance, pickHovered, stepRegion, soloInstance, toggleSolo };
}
