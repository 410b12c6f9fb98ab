/** One file to the server, with progress: fetch cannot tell how much was sent, XMLHttpRequest can. */

import { ApiError, authorization, errorOf, urlOf } from "./api.js";

/**
 * @param {File} file
 * @param {{onProgress: (sent: number) => void, signal: AbortSignal}} options
 * @returns {Promise<any>} the video; rejects with ApiError, code "cancelled" if the signal was aborted
 */
export function uploadVideo(file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(errorOf(request.responseText, request.status));
    };
    request.onerror = () => reject(new ApiError(BROKEN));
    request.onabort = () => reject(new ApiError({ code: "cancelled", message: "Cancelled." }));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", urlOf("/api/videos"));
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.send(body);
  });
}

const BROKEN = {
  code: "upload_broken",
  message: "The connection broke during the upload.",
  hint: "Drop the file again; nothing half-written was kept.",
};
