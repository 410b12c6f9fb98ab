/** One file to the server, with progress: fetch cannot tell how much was sent, XMLHttpRequest can. */

import { ApiError, authorization, errorOf, urlOf } from "./api.js";

/** @typedef {{onProgress: (sent: number) => void, signal: AbortSignal}} Sending */

/**
 * @param {File} file @param {Sending} sending
 * @returns {Promise<any>} the video; rejects with ApiError, code "cancelled" if the signal was aborted
 */
export const uploadVideo = (file, sending) => send("/api/videos", formOf(file), sending);

/**
 * @param {{video_id: string, file: File, options: any, dry_run: boolean}} wanted @param {Sending} sending
 * @returns {Promise<any>} the report of a dry run, or {import_id, job_id}
 */
export function sendImport({ video_id, file, options, dry_run }, sending) {
  const form = formOf(file);
  form.append("options", JSON.stringify(options));
  return send(`/api/videos/${encodeURIComponent(video_id)}/imports${dry_run ? "?dry_run=1" : ""}`, form, sending);
}

function formOf(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  return form;
}

function send(path, form, { onProgress, signal }) {
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
    request.send(form);
  });
}

const BROKEN = {
  code: "upload_broken",
  message: "The connection broke during the upload.",
  hint: "Drop the file again; nothing half-written was kept.",
};
