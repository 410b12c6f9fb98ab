/** The rows of the model menu: each model's state and progress, and what a press does. */

import { byteSize, counted, percent } from "./format.js";

/** The job that fetches and loads a model. @param {string} name */
export const modelJob = (name) => `model-${name}`;

/**
 * @param {any[]} models as the server lists them @param {Record<string, any>} jobs
 * @returns {{name: string, label: string, state: string, note: string, why: string, brief: string, share: number | null, demo: boolean, job_id: string | null}[]}
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
      why: model.precision_reason ? `${model.precision}: ${model.precision_reason}` : "",
      brief: state === "missing" || state === "ready" ? briefWords(model) : "", // for little room
      share: state === "loading" ? percent(done, total) : null,
      job_id: state === "loading" ? modelJob(model.name) : null,
    };
  });
}

const NOTES = {
  selected: ({ device, precision, threads }) => ["in use", device, precision, threads && counted(threads, "thread")].filter(Boolean).join(" · "),
  ready: (model) => ["ready", speedWords(model)].filter(Boolean).join(" · "),
  missing: (model) => [missingWords(model), speedWords(model)].filter(Boolean).join(" · "),
  loading: ({ done, total }) => (done < total ? `${byteSize(done)} of ${byteSize(total)}` : "loading…"),
  failed: ({ error }) => [error?.message, error?.hint].filter(Boolean).join(" "),
};

function missingWords({ bytes, done }) {
  if (!bytes) return "to be downloaded";
  return done ? `${byteSize(done)} of ${byteSize(bytes)} here, the rest to download` : `${byteSize(bytes)} to download`;
}

/** "about 2 s a frame here": an estimate of the server's for this machine. @param {{frame_s?: number | null}} model */
function speedWords({ frame_s }) {
  if (!frame_s) return "";
  return frame_s < 0.5 ? `about ${Math.max(1, Math.round(1 / frame_s))} frames a second here` : `about ${frame_s < 10 ? Number(frame_s.toFixed(1)) : Math.round(frame_s)} s a frame here`;
}

/** "156 MB · ~1.6 s a frame". */
function briefWords({ state, bytes, done, ...model }) {
  const whole = bytes ? byteSize(bytes) : "to be downloaded";
  const size = state === "ready" ? "ready" : done ? `${byteSize(done)} of ${whole} here` : whole;
  return [size, speedWords(model).replace("about ", "~").replace(" here", "").replace("frames a second", "frames/s")].filter(Boolean).join(" · ");
}
