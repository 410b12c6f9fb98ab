/** Reads the server and its token from the address of the page. */

import { tokenIn } from "../core/server_url.js";

/** The token in the fragment; it is used once and never stays in the address bar or the history. @returns {string | null} */
export function takeToken() {
  const token = tokenIn(location.hash);
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/**
 * Load the page for the server it was used with last, unless its address names a server or has a token.
 * @param {import("./server_choice.js").ServerChoice} choice @returns {boolean} whether another page loads
 */
export function goesElsewhere(choice) {
  if (!choice.last || new URLSearchParams(location.search).has("server") || tokenIn(location.hash)) return false;
  location.replace(`/?server=${encodeURIComponent(choice.last)}`);
  return true;
}
