/** Marks the chips of the pairs whose masks lie under the pointer. */

import { pairName } from "../core/pairs.js";

/** @import { Store } from "../core/store.js" */

/** @param {any} list of instances @param {{store: Store}} deps */
export function mountHoverMarks(list, { store }) {
  store.watch((state) => state.view.hovered, (pairs) => {
    for (const chip of list.querySelectorAll(".region")) {
      const { instanceId } = chip.closest("[data-instance-id]").dataset;
      chip.classList.toggle("under-pointer", pairs.includes(pairName(Number(instanceId), chip.dataset.region)));
    }
  });
}
