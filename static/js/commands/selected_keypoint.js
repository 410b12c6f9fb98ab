/** The selected keypoint, and the editor of its name. */

import { keypointsHere } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store}} deps */
export function keypointSelectionCommands({ store }) {
  const selectKeypoint = (keypoint_id) => store.dispatch({ type: "keypoint_selected", keypoint_id });

  /** Open the name editor on a keypoint, or close it (null). */
  function editName(keypoint_id, instance_id = null) {
    const naming = keypoint_id === null ? null : { keypoint_id, instance_id };
    store.dispatch({ type: "naming_changed", naming });
    if (keypoint_id !== null) selectKeypoint(keypoint_id);
  }

  return { selectKeypoint, editName };
}

/** @param {{store: Store, editName: Function, showKeypoint: Function, removeKeypoint: Function}} deps */
export function selectedKeypointCommands({ store, editName, showKeypoint, removeKeypoint }) {
  const selected = () =>
    keypointsHere(store.state).find(({ keypoint }) => keypoint.keypoint_id === store.state.annotations.keypoint_id);

  function renameSelected() {
    const found = selected();
    if (found) editName(found.keypoint.keypoint_id, found.instance_id);
  }

  /** @returns {boolean | void} false: no keypoint is selected, so the key is left to the browser */
  function toggleOccluded() {
    const found = selected();
    if (!found) return false;
    showKeypoint(found.keypoint.keypoint_id, found.instance_id, !found.keypoint.visible);
  }

  function deleteSelected() {
    const found = selected();
    if (found) removeKeypoint(found.keypoint.keypoint_id, found.instance_id);
  }

  return { renameSelected, toggleOccluded, deleteSelected };
}
