/** Moves through the grid, selects cells, filters them, and opens one on the work page. */

import { stepTo } from "../../core/review/grid.js";
import { workAddress } from "../../core/review/address.js";

/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */

/**
 * @param {{store: Store<ReviewState>, address: {search: string}, server: string, go: (path: string) => void, readAll: () => void,
 *   shape: () => {columns: number, page_rows: number}}} deps  address: of the review as it stands; shape: of the grid on screen
 */
export function walkingCommands({ store, address, server, go, readAll, shape }) {
  /** @param {string} way @param {boolean} [extend] select on the way */
  function step(way, extend = false) {
    const { shown, active } = store.state;
    if (!shown.length) return;
    const at = active === null ? -1 : shown.indexOf(active);
    const to = at < 0 ? 0 : stepTo(at, way, { count: shown.length, ...shape() });
    store.dispatch({ type: "cell_chosen", id: shown[to], extend });
  }

  /** @param {string} id @param {{extend?: boolean, toggle?: boolean}} [how] */
  const chooseCell = (id, how = {}) => store.dispatch({ type: "cell_chosen", id, ...how });
  const selectAll = () => store.dispatch({ type: "all_selected" });

  function leaveSelection() {
    if (store.state.playing) store.dispatch({ type: "playing_changed", playing: null });
    else store.dispatch({ type: "selection_left" });
  }

  /** Open a cell on the work page. @param {string | null} [id] the one in focus */
  function openCell(id = store.state.active) {
    const cell = id === null ? null : store.state.cells.get(id);
    if (cell) go(workAddress(cell, address.search, server));
  }

  /** @param {Record<string, any>} changes */
  function filter(changes) {
    store.dispatch({ type: "filters_changed", changes });
    if ("every" in changes) readAll();
  }

  const resize = (size) => store.dispatch({ type: "size_changed", size });
  const renewOrder = () => store.dispatch({ type: "order_renewed" });
  const showDialog = (dialog) => store.dispatch({ type: "dialog_opened", dialog });
  const showHelp = () => showDialog("help");

  return { step, chooseCell, selectAll, leaveSelection, openCell, filter, resize, renewOrder, showDialog, showHelp };
}
