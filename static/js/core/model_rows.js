/** The rows of the model menu: each model's state and progress, and what a press does. */

import { byteSize, percent } from "./format.js";

/** The job that fetches and loads a model. @param {string} name */
export const modelJob = (name) => `model-${name}`;

/**
 * @param {any[]} models as the server lists them @param {Record<string, any>} jobs
 * @returns {{name: string, label: string, state: string, note: string, share: number | null, demo: boolean, job_id: string | null}[]}
 */
export function modelRows(models, jobs) {
  return models.map((model) => {
    const job = jobs[modelJob(model.name)];
    const running = job?.state === "running" || job?.state === "queued";
    const state = running ? "loading" : model.state === "downloading" ? "loading" : model.state;
    const { done, total } = running ? job : model;
    return {
      name: model.name,
      label: model.label,
      demo: model.demo,
      state,
      note: NOTES[state]?.({ ...model, done, total }) ?? "",
      share: state === "loading" ? percent(done, total) : null,
      job_id: state === "loading" ? modelJob(model.name) : null,
    };
  });
}

const NOTES = {
  selected: ({ device, precision }) => ["in use", device, precision].filter(Boolean).join(" · "),
  ready: () => "ready",
  missing: ({ bytes, done }) => {
    if (!bytes) return "to be downloaded";
    return done ? `${byteSize(done)} of ${byteSize(bytes)} here, the rest to download` : `${byteSize(bytes)} to download`;
  },
  loading: ({ done, total }) => (done < total ? `${byteSize(done)} of ${byteSize(total)}` : "loading…"),
  failed: ({ error }) => [error?.message, error?.hint].filter(Boolean).join(" "),
};
