/** The model in use, and the change to another one. */

import { listModels, selectModel } from "../net/api.js";
import { modelJob } from "../core/model_rows.js";
import { answersInOrder } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function, ops: any}} deps */
export function modelCommands({ store, toast, ops }) {
  const inOrder = answersInOrder();
  let replaced = null; // name of the model in use when another one was chosen here

  /** Ask which model is in use: loading ends after the page has opened its video. */
  async function readModel() {
    const answer = await inOrder(listModels);
    if (!answer) return;
    const { models } = answer;
    store.dispatch({ type: "models_listed", models });
    const used = models.find(({ state }) => state === "selected") ?? models.find(({ state }) => state === "failed");
    if (!used) return;
    const { name, demo, device, precision, state, error } = used;
    store.dispatch({ type: "model_changed", model: { name, demo, device, precision, state, error } });
    if (state === "failed") toast({ level: "error", ...error });
  }

  /** The end of a download, or of loading: who works on with another model than before is told. @param {any} job */
  async function modelEnded(job) {
    const before = replaced ?? store.state.session.model?.name;
    replaced = null;
    await readModel();
    const { model, models } = store.state.session;
    if (job.state !== "done" || !before || model.name === before) return;
    const { label } = models.find(({ name }) => name === model.name);
    toast({ level: "success", message: `${label} is in use now.`, hint: "Masks made by the other model are stale until you propagate again." });
  }

  /** Use another model: it is fetched and loaded while this one goes on. @param {string} name */
  async function chooseModel(name) {
    if (store.state.session.models.some((model) => model.name === name && model.state === "selected")) return;
    replaced = store.state.session.model?.name ?? null;
    await selectModel(name);
    await readModel(); // it may be in use by then
  }

  /** Stop fetching it; what arrived is kept. @param {string} name */
  const cancelModel = (name) => ops.submit("cancel", { job_id: modelJob(name) });

  /** Hide the note on the demo model in this browser for good. */
  const dismissInvitation = () => store.dispatch({ type: "invitation_dismissed" });

  return { dismissInvitation, readModel, modelEnded, chooseModel, cancelModel };
}
