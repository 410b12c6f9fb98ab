/** Which model answers the clicks. */

import { listModels } from "../net/api.js";

/** @param {{store: any}} deps */
export function modelCommands({ store }) {
  /** Ask which model is in use: loading ends after the page has opened its video. */
  async function readModel() {
    const { models } = await listModels();
    const used = models.find((model) => model.state === "selected");
    if (!used) return;
    const { name, demo, device, precision } = used;
    store.dispatch({ type: "model_changed", model: { name, demo, device, precision } });
  }

  return { readModel };
}
