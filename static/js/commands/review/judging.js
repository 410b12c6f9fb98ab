/** Approves and rejects cells, one or many, and takes that back. */

import { counted } from "../../core/format.js";
import { bodyOf, requestsFor, toggled } from "../../core/review/judgements.js";
import { cellsMeant } from "../../core/review/state.js";

/** @import { Cell, CellMask } from "../../core/review/cells.js" */
/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */

const TOGETHER = 4; // requests on their way at once
const DONE = { approved: "approved", rejected: "rejected", waiting: "taken back" };
const NOTHING = "nothing_to_do"; // somebody else was quicker

/** @param {{store: Store<ReviewState>, api: any, note: (note: any) => void, step: (way: string) => void, reread: () => void}} deps  api: judgeMasks */
export function judgingCommands({ store, api, note, step, reread }) {
  /** @type {{id: string, masks: CellMask[]}[][]} */ const history = [];

  /** @param {any} request @returns {Promise<number>} masks changed */
  async function send(request) {
    const { key, judgement } = request;
    try {
      const { frames, count } = await api.judgeMasks(key, bodyOf(request));
      const { state, reason } = judgement;
      store.dispatch({ type: "masks_approved", key, frames, approved: state === "approved", rejected: state === "rejected", reason });
      return count;
    } catch (error) {
      if (error.code === NOTHING) return 0;
      throw error;
    }
  }

  /** @param {Cell[]} cells @param {(mask: CellMask, cell: Cell) => any} judgementOf @returns {Promise<number>} */
  async function change(cells, judgementOf) {
    const requests = requestsFor(cells, judgementOf);
    let count = 0;
    let failure = null;
    for (let at = 0; at < requests.length; at += TOGETHER) {
      const sent = await Promise.allSettled(requests.slice(at, at + TOGETHER).map(send));
      for (const result of sent) {
        if (result.status === "fulfilled") count += result.value;
        else failure ??= result.reason;
      }
      if (requests.length > TOGETHER * 4) note({ level: "info", message: `${Math.min(at + TOGETHER, requests.length)} of ${requests.length} pairs done …` });
    }
    if (failure) {
      note({ level: "error", message: failure.message, hint: failure.hint });
      reread();
    }
    return failure ? -1 : count; // the failure is said already
  }

  /** @param {string} state @param {string | null} reason */
  async function judge(state, reason) {
    const cells = cellsMeant(store.state);
    const is_single = store.state.selected.size === 0;
    if (!cells.some(({ masks }) => masks.some((mask) => mask.state !== "missing"))) {
      return note({ level: "info", message: "There is no mask here.", hint: "Enter opens the frame on the work page." });
    }
    history.push(cells.map(({ id, masks }) => ({ id, masks })));
    if (is_single && state !== "waiting") step("right");
    const count = await change(cells, () => ({ state, reason }));
    if (count >= 0) note({ level: "success", message: count ? `${counted(count, "mask")} ${DONE[state]}.` : "Nothing changed: it was so already." });
  }

  const approve = () => judge(toggled(cellsMeant(store.state), "approved"), null);
  /** @param {string} reason may be empty */
  const reject = (reason) => judge("rejected", reason.trim());

  /** Ask for the reason; masks that are rejected already are so no longer. */
  function askReason() {
    const cells = cellsMeant(store.state);
    if (toggled(cells, "rejected") === "waiting") return judge("waiting", null);
    if (cells.length) store.dispatch({ type: "dialog_opened", dialog: "reason" });
  }

  /** Give the masks of the last change back the state they had. */
  async function undo() {
    const before = history.pop();
    if (!before) return note({ level: "info", message: "Nothing to take back on this page." });
    const was = new Map(before.flatMap(({ id, masks }) => masks.map((mask) => [nameOf(id, mask), mask])));
    const cells = before.map(({ id }) => store.state.cells.get(id)).filter(Boolean);
    if (before.length === 1 && cells.length) store.dispatch({ type: "cell_chosen", id: before[0].id });
    const count = await change(cells, (mask, cell) => was.get(nameOf(cell.id, mask)) ?? mask);
    if (count >= 0) note({ level: "success", message: `${counted(count, "mask")} as before.` });
  }

  return { approve, reject, askReason, undo };
}

const nameOf = (id, { instance_id, region }) => `${id} ${instance_id}/${region}`;
