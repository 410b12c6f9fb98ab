/** Saves a file of the server to the user's disk, without holding it in memory where the browser allows that. */

import { ApiError, askWhether, getFile, isOwn, pathOf, urlOf } from "./api.js";
import { savePicker } from "./secure_only.js";

const LARGE_BYTES = 100e6; // from here on a file of another server is written as it comes, if that can be done
const KEEP_MS = 60_000; // for the browser to read the fetched file

/**
 * The page's own server knows the browser by its cookie, so the browser itself fetches; another one wants the
 * token with the request.
 * @param {{url: string, file: string, bytes: number}} found
 */
export async function download({ url, file, bytes }) {
  const path = pathOf(url);
  if (isOwn()) {
    await askWhether(path); // a refusal is said here, not saved as a file
    return press(urlOf(path), file);
  }
  const target = bytes > LARGE_BYTES ? await place(file) : null;
  const answer = await getFile(path);
  if (target) return answer.body.pipeTo(await target.createWritable());
  const address = URL.createObjectURL(await answer.blob());
  press(address, file);
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}

/**
 * Shows a page of the server in a window of its own; one of another server is saved, since that wants the token with the request.
 * @param {{url: string, file: string}} found
 */
export async function showPage({ url, file }) {
  if (!isOwn()) return download({ url, file, bytes: 0 });
  globalThis.open(urlOf(url), "_blank", "noopener");
}

/** Asks where to save the file; null: this browser cannot ask. */
async function place(file) {
  const pick = savePicker();
  if (!pick) return null;
  try {
    return await pick({ suggestedName: file });
  } catch (error) {
    if (error.name === "AbortError") throw new ApiError({ code: "cancelled", message: "Not saved." });
    throw error;
  }
}

function press(href, file) {
  const link = document.createElement("a");
  link.href = href;
  link.download = file;
  link.click();
}
