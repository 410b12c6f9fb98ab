/** Which model answers the clicks. */

import { listModels } from "../net/api.js";

/** @param {{store: any, toast: Function}} deps */
export function modelCommands({ store, toast }) {
  /** Ask which model is in use: loading ends after the page has opened its video. */
  async function readModel() {
    const { models } = await listModels();
    const used = models.find(({ state }) => state === "selected") ?? models.find(({ state }) => state === "failed");
    if (!used) return;
    const { name, demo, device, precision, state, error } = used;
    store.dispatch({ type: "model_changed", model: { name, demo, device, precision, state, error } });
    if (state === "failed") toast({ level: "error", ...error });
  }

  return { readModel };
}
