/** Sends one file to the server, with progress: fetch cannot tell how much was sent, XMLHttpRequest can. */

import { ApiError, authorization, errorOf, urlOf } from "./api.js";

/** @typedef {{onProgress: (sent: number) => void, signal: AbortSignal}} Sending */

/**
 * @param {File} file @param {Sending} sending
 * @returns {Promise<any>} the video; rejects with ApiError, code "cancelled" if the signal was aborted
 */
export const uploadVideo = (file, sending) => send("/api/videos", formOf(file), sending);

/**
 * A file that the server kept from a look before is not sent again.
 * @param {{video_id: string, file: File, file_id?: string, options: any, dry_run: boolean}} wanted @param {Sending} sending
 * @returns {Promise<any>} the report of a dry run, or {import_id, job_id}
 */
export async function sendImport({ video_id, file, file_id, options, dry_run }, sending) {
  const path = `/api/videos/${encodeURIComponent(video_id)}/imports${dry_run ? "?dry_run=1" : ""}`;
  if (file_id) {
    try {
      sending.onProgress(file.size);
      return await send(path, JSON.stringify({ file_id, options }), { ...sending, onProgress: () => {} });
    } catch (error) {
      if (error.code !== "not_found") throw error; // it was not kept for so long
    }
  }
  const form = formOf(file);
  form.append("options", JSON.stringify(options));
  return send(path, form, sending);
}

function formOf(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  return form;
}

/** @param {string} path @param {FormData | string} body a string is JSON @param {Sending} sending */
function send(path, body, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(errorOf(request.responseText, request.status));
    };
    request.onerror = () => reject(new ApiError(BROKEN));
    request.onabort = () => reject(new ApiError({ code: "cancelled", message: "Cancelled." }));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", urlOf(path));
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    if (typeof body === "string") request.setRequestHeader("Content-Type", "application/json");
    request.send(body);
  });
}

const BROKEN = {
  code: "upload_broken",
  message: "The connection broke during the upload.",
  hint: "Drop the file again; nothing half-written was kept.",
};
