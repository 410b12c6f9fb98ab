/** One function per route. Every refusal is an ApiError with the server's own words. */

/** A failed request, in words for the user. */
export class ApiError extends Error {
  /** @param {{code: string, message: string, hint?: string}} error @param {number} status */
  constructor({ code, message, hint = "" }, status = 0) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.hint = hint;
    this.status = status;
  }
}

const UNREACHABLE = {
  code: "unreachable",
  message: "The server cannot be reached.",
  hint: "Check that it runs; the page continues by itself when it is back.",
};

/** @param {string} text @param {number} status @returns {ApiError} */
export function errorOf(text, status) {
  try {
    return new ApiError(JSON.parse(text).error, status);
  } catch {
    const hint = "The server's log has the details.";
    return new ApiError({ code: "bad_answer", message: `The server answered ${status}.`, hint }, status);
  }
}

let server = { url: "", base: "", token: "" };

/** Ask this server from now on; to be called once, before anything is asked. @param {{url: string, base: string, token: string}} chosen url empty: the page's own */
export const pointAt = (chosen) => (server = chosen);

/** The address of a path on the server in use. @param {string} path */
export const urlOf = (path) => server.base + path;

/** The path of an address in an answer, which begins with the server's prefix if it has one. @param {string} url */
export function pathOf(url) {
  const prefix = server.base && new URL(server.base).pathname.replace(/\/$/, "");
  return url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url;
}

/** Tell if it is the page's own, which knows the browser by its cookie. */
export const isOwn = () => server.url === "";

/** The header with the token for another server; the page's own knows its cookie. @returns {Record<string, string>} */
export const authorization = () => (server.token ? { Authorization: `Bearer ${server.token}` } : {});

/** @param {string} path @param {{method?: string, body?: any, signal?: AbortSignal}} [options] */
async function ask(path, { method = "GET", body, signal } = {}) {
  let response;
  try {
    response = await fetch(urlOf(path), {
      method,
      signal,
      headers: { ...authorization(), ...(body && { "Content-Type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(UNREACHABLE);
  }
  if (!response.ok) throw errorOf(await response.text(), response.status);
  return response;
}

/** Asks whether a file can be fetched; throws the refusal. @param {string} path */
export const askWhether = async (path) => {
  try {
    await ask(path, { method: "HEAD" });
  } catch (error) {
    if (error.status) await ask(path); // the words of a refusal are in the body of a GET
    throw error;
  }
};

/** The bytes of a file, as they come. @param {string} path @returns {Promise<Response>} */
export const getFile = (path) => ask(path);

/** @param {string} path @param {{method?: string, body?: any}} [options] @returns {Promise<any>} */
const json = async (path, options) => (await ask(path, options)).json();
const blob = async (path) => (await ask(path)).blob();

/** @param {string} video_id */
const videoUrl = (video_id) => `/api/videos/${encodeURIComponent(video_id)}`;
const instanceUrl = (video_id, instance_id) => `${videoUrl(video_id)}/instances/${instance_id}`;
const regionUrl = ({ video_id, instance_id, region }) =>
  `${instanceUrl(video_id, instance_id)}/regions/${encodeURIComponent(region)}`;

/** @type {Map<string, string>} video_id to version */
const versions = new Map();

/** Read frames and masks of this version of a video from now on. @param {string} video_id @param {string} version */
export const readVersion = (video_id, version) => versions.set(video_id, version);

/** Part of addresses that browsers keep, so that no picture of a video before is shown. @param {string} video_id */
const versionOf = (video_id) => (versions.has(video_id) ? `v=${versions.get(video_id)}` : "");

/** A small picture of the video's first frame: an address for an image; the token is in none. @param {string} video_id @returns {Promise<string>} */
export async function thumbnailUrl(video_id) {
  const path = `${videoUrl(video_id)}/frames/0.jpg?width=112&${versionOf(video_id)}`;
  return isOwn() ? urlOf(path) : URL.createObjectURL(await blob(path));
}

/** Ask whether the server runs: "ok" if so. */
export const getHealth = async () => (await ask("/healthz")).text();
export const getSession = () => json("/api/session");
export const login = (token) => json("/api/login", { method: "POST", body: { token } });
export const listVideos = () => json("/api/videos");
export const extractVideo = (video_id) => json(`${videoUrl(video_id)}/extract`, { method: "POST" });
/** @param {string} video_id @returns {Promise<any>} */
export const mendVideo = (video_id) => json(`${videoUrl(video_id)}/mend`, { method: "POST" });
/** @typedef {{client_id: string, client_name: string}} Me  who deletes, or brings back */
/** @param {Me} me */
const by = (me) => `?${new URLSearchParams(me)}`;
/** @param {string} video_id @param {Me} me */
export const deleteVideo = (video_id, me) => ask(videoUrl(video_id) + by(me), { method: "DELETE" });
const trashUrl = (trash_id) => `/api/trash/${encodeURIComponent(trash_id)}`;
export const listTrash = () => json("/api/trash");
/** @param {string} trash_id @param {Me} me */
export const restoreTrashed = (trash_id, me) => json(`${trashUrl(trash_id)}/restore`, { method: "POST", body: me });
/** @param {string} trash_id @param {Me} me */
export const removeTrashed = (trash_id, me) => json(trashUrl(trash_id) + by(me), { method: "DELETE" });
/** @param {Me} me */
export const emptyTrash = (me) => json(`/api/trash${by(me)}`, { method: "DELETE" });
const batchUrl = (batch_id) => `/api/batches/${encodeURIComponent(batch_id)}`;
export const listBatches = () => json("/api/batches");
export const getBatch = (batch_id) => json(batchUrl(batch_id));
export const createBatch = (body) => json("/api/batches", { method: "POST", body });
export const updateBatch = (batch_id, body) => json(batchUrl(batch_id), { method: "PATCH", body });
/** @param {string} batch_id @param {Me} me */
export const deleteBatch = (batch_id, me) => json(batchUrl(batch_id) + by(me), { method: "DELETE" });
/** @param {string} batch_id @returns {Promise<{exports: import("../core/wire.js").BatchExport[]}>} */
export const listBatchExports = (batch_id) => json(`${batchUrl(batch_id)}/exports`);
/** @param {string} batch_id @param {string} format */
export const batchExportUrl = (batch_id, format) => `${batchUrl(batch_id)}/exports/${encodeURIComponent(format)}.zip`;
export const getRegionRules = () => json("/api/region-rules");
export const changeRegionRules = (rules) => json("/api/region-rules", { method: "PUT", body: { rules } });
/** @param {string} video_id @param {{start?: number, end?: number}} [span] frames */
export const listViolations = (video_id, span = {}) => json(`${videoUrl(video_id)}/region-rules?${new URLSearchParams(/** @type {any} */ (span))}`);
/** @param {any} key whose instance is meant @param {any} body */
export const mendRegions = ({ video_id, instance_id }, body) =>
  json(`${videoUrl(video_id)}/region-rules/mend`, { method: "POST", body: { ...body, instance_ids: [instance_id] } });
export const listSuspicions = (video_id) => json(`${videoUrl(video_id)}/suspicions`);
export const getSuspicionCurves = (video_id) => json(`${videoUrl(video_id)}/suspicions/curves`);
export const listRuns = (video_id) => json(`${videoUrl(video_id)}/runs`);
/** @param {string} video_id @param {number} run @param {any} part pairs and frames; empty: all that the run made */
export const rollBack = (video_id, run, part) => json(`${videoUrl(video_id)}/runs/${run}/rollback`, { method: "POST", body: part });
/** @param {string} video_id @param {number} run */
export const compareRun = (video_id, run) => json(`${videoUrl(video_id)}/runs/${run}/comparison`);
/** The mask that a run replaced. @param {import("./mask_cache.js").Place} place @param {number} run */
export const getBefore = ({ video_id, instance_id, region, frame_idx }, run) =>
  blob(`${videoUrl(video_id)}/runs/${run}/instances/${instance_id}/regions/${encodeURIComponent(region)}/before/${frame_idx}.png`);
/** @param {string} video_id @param {any} body model */
export const startRebuild = (video_id, body) => json(`${videoUrl(video_id)}/rebuilds`, { method: "POST", body });
export const listRebuilds = (video_id) => json(`${videoUrl(video_id)}/rebuilds`);
const rebuildUrl = (video_id, rebuild_id) => `${videoUrl(video_id)}/rebuilds/${encodeURIComponent(rebuild_id)}`;
export const getRebuild = (video_id, rebuild_id) => json(rebuildUrl(video_id, rebuild_id));
/** @param {string} video_id @param {string} rebuild_id @param {any} body pairs */
export const takeRebuild = (video_id, rebuild_id, body) => json(`${rebuildUrl(video_id, rebuild_id)}/take`, { method: "POST", body });
/** A mask of a rebuild. @param {import("./mask_cache.js").Place} place @param {string} rebuild_id */
export const getRebuilt = ({ video_id, instance_id, region, frame_idx }, rebuild_id) =>
  blob(`${rebuildUrl(video_id, rebuild_id)}/instances/${instance_id}/regions/${encodeURIComponent(region)}/masks/${frame_idx}.png`);
export const getJob = (job_id) => json(`/api/jobs/${encodeURIComponent(job_id)}`);
export const selectModel = (name) => json(`/api/models/${encodeURIComponent(name)}/select`, { method: "POST" });
export const listModels = () => json("/api/models");
export const getFrameTable = (video_id) => json(`${videoUrl(video_id)}/frames.json`);
/**
 * A frame, and how long its body took from the first byte to the last.
 * @param {string} video_id @param {number} frame_idx @param {{width: number | null, signal: AbortSignal}} options  width null: as it is
 * @returns {Promise<{blob: Blob, body_ms: number}>}
 */
export async function getFrame(video_id, frame_idx, { width, signal }) {
  const scaled = width === null ? "" : `width=${width}&`;
  const response = await ask(`${videoUrl(video_id)}/frames/${frame_idx}.jpg?${scaled}${versionOf(video_id)}`, { signal });
  const begun_ms = performance.now();
  const blob = await response.blob();
  return { blob, body_ms: performance.now() - begun_ms };
}
export const getThumbnail = (video_id, frame_idx, width) =>
  blob(`${videoUrl(video_id)}/frames/${frame_idx}.jpg?width=${width}&${versionOf(video_id)}`);
/** @param {import("./mask_cache.js").Place} place @param {number} rev */
export const getMask = async ({ frame_idx, ...key }, rev) =>
  (await ask(`${regionUrl(key)}/masks/${frame_idx}.png?rev=${rev}&${versionOf(key.video_id)}`)).arrayBuffer();
export const getPrompts = (key) => json(`${regionUrl(key)}/prompts`);
export const getMasks = (key) => json(`${regionUrl(key)}/masks?form=columns`);
/** Approve or reject masks, or take either back. @param {any} key @param {any} body */
export const judgeMasks = (key, body) => json(`${regionUrl(key)}/masks`, { method: "PATCH", body });
/** @param {string} video_id @param {Record<string, any>} query */
export const getCells = (video_id, query) => json(`${videoUrl(video_id)}/cells?${new URLSearchParams(query)}`);
/** @param {string} batch_id @param {Record<string, any>} query */
export const getBatchCells = (batch_id, query) => json(`/api/batches/${encodeURIComponent(batch_id)}/cells?${new URLSearchParams(query)}`);
export const moveMasks = (key, body) => json(`${regionUrl(key)}/masks/move`, { method: "POST", body });
export const deleteMasks = (key, body) => json(`${regionUrl(key)}/masks/delete`, { method: "POST", body });
export const cleanMasks = (key, body) => json(`${regionUrl(key)}/masks/clean`, { method: "POST", body });
/** The mask of a frame as it would be once cleaned. @param {import("./mask_cache.js").Place} place @param {any} steps */
export const getCleaned = ({ frame_idx, ...key }, steps) =>
  blob(`${regionUrl(key)}/masks/${frame_idx}/cleaned.png?${new URLSearchParams(steps)}`);
/** The mask that a click would lead to. @param {import("./mask_cache.js").Place} place @param {{x: number, y: number, label: number}} click */
export const getTried = ({ frame_idx, ...key }, { x, y, label }) =>
  blob(`${regionUrl(key)}/preview/${frame_idx}/click.png?x=${x}&y=${y}&label=${label}`);
export const getCleaning = (key) => json(`${regionUrl(key)}/cleaning`);
export const setCleaning = (key, steps) => json(`${regionUrl(key)}/cleaning`, { method: "PUT", body: steps });
export const getKeypoints = (video_id, instance_id) =>
  json(`${instanceUrl(video_id, instance_id)}/keypoints`);
export const listFormats = () => json("/api/formats");
export const listExports = (video_id) => json(`${videoUrl(video_id)}/exports`);
export const startExport = (video_id, order) => json(`${videoUrl(video_id)}/exports`, { method: "POST", body: order });
/** @param {string} video_id @param {string} export_id @param {Me} me */
export const deleteExport = (video_id, export_id, me) =>
  json(`${videoUrl(video_id)}/exports/${encodeURIComponent(export_id)}${by(me)}`, { method: "DELETE" });
/** @param {string} video_id @returns {{url: string, file: string}} */
export const reportOf = (video_id) => ({ url: `${videoUrl(video_id)}/report.html`, file: `${video_id}-report.html` });
/** @param {string} batch_id @returns {{url: string, file: string}} */
export const reportOfBatch = (batch_id) => ({ url: `/api/batches/${encodeURIComponent(batch_id)}/report.html`, file: `${batch_id}-report.html` });
export const listImports = (video_id) => json(`${videoUrl(video_id)}/imports`);
export const undoImport = (video_id, import_id) =>
  json(`${videoUrl(video_id)}/imports/${encodeURIComponent(import_id)}/undo`, { method: "POST" });
export const addRegion = (label) => json("/api/regions", { method: "POST", body: { label } });
const regionsUrl = (name) => `/api/regions/${encodeURIComponent(name)}`;
export const relabelRegion = (name, label) => ask(regionsUrl(name), { method: "PATCH", body: { label } });
/** @param {string} name @param {Me} me */
export const deleteRegion = (name, me) => json(regionsUrl(name) + by(me), { method: "DELETE" });
export const addClass = (name) => json("/api/classes", { method: "POST", body: { name } });
export const deleteClass = (name) => ask(`/api/classes/${encodeURIComponent(name)}`, { method: "DELETE" });
export const listInstances = (video_id) => json(`${videoUrl(video_id)}/instances`);
export const createInstance = (video_id, body = {}) =>
  json(`${videoUrl(video_id)}/instances`, { method: "POST", body });
export const updateInstance = (video_id, instance_id, body) =>
  ask(instanceUrl(video_id, instance_id), { method: "PATCH", body });
/** @param {string} video_id @param {number} instance_id @param {Me} me */
export const deleteInstance = (video_id, instance_id, me) =>
  json(instanceUrl(video_id, instance_id) + by(me), { method: "DELETE" });
