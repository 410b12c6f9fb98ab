/** Short messages over the stage. */

import { unacknowledged } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

const TOAST_MS = { info: 5000, success: 4000, error: 9000 };
const ACTION_MS = 12_000; // long enough to see the change and to want it back

/** @param {{store: Store, later: (ms: number, callback: () => void) => void}} deps */
export function toastCommands({ store, later }) {
  let next_id = 1;
  const set = (type, fields) => store.dispatch({ type, ...fields });

  /** @param {{level: string, message: string, hint?: string, action?: string, args?: any[], ms?: number}} toast ms: how long it stays */
  function showToast({ ms, ...toast }) {
    const id = next_id;
    next_id += 1;
    set("toast_shown", { toast: { id, ...toast } });
    later(ms ?? (toast.action ? ACTION_MS : TOAST_MS[toast.level]), () => dismissToast(id));
  }

  const dismissToast = (id) => set("toast_dismissed", { id });

  /** Answer Ctrl+S: everything is saved as it is made. */
  function saySaved() {
    const waiting = unacknowledged(store.state);
    if (waiting) showToast({ level: "info", message: `${waiting} not saved yet; sending…` });
    else showToast({ level: "success", message: "Saved. Every click is saved as you make it." });
  }

  return { showToast, dismissToast, saySaved };
}
