/** Reads the address of the page: its server, its token, the place it leads to; and keeps that up to date. */

import { placeIn, searchOf, searchWith } from "../core/place.js";
import { tokenIn } from "../core/server_url.js";

/** The address of the page's own server: its origin, and the prefix if a proxy serves it under one. */
export const ownAddress = () => location.origin + (document.body.dataset.root ?? "");

/** The token in the fragment; it is used once and never stays in the address bar or the history. @returns {string | null} */
export function takeToken() {
  const token = tokenIn(location.hash);
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/**
 * Load the page for the server it was used with last, unless its address names a server or a video, or has a token.
 * @param {import("./server_choice.js").ServerChoice} choice @returns {boolean} whether another page loads
 */
export function goesElsewhere(choice) {
  if (!choice.last || new URLSearchParams(location.search).has("server") || tokenIn(location.hash) || placeIn(location.search)) return false;
  location.replace(`${location.pathname}?server=${encodeURIComponent(choice.last)}`);
  return true;
}

/** The place in the address bar: read, and written as a step of the history or in the stead of one. */
export class PageAddress {
  /** The query as it stands. @returns {string} */
  get search() {
    return location.search;
  }

  get place() {
    return placeIn(location.search);
  }

  /** The batch that is open. @returns {string | null} */
  get batch() {
    return new URLSearchParams(location.search).get("batch");
  }

  /** @param {string | null} batch_id */
  set batch(batch_id) {
    if (batch_id === this.batch) return;
    history.replaceState(null, "", location.pathname + searchWith(location.search, "batch", batch_id));
  }

  /** Tell if the page was loaded anew at the address it had. */
  get isReload() {
    const [loaded] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    return loaded?.type === "reload";
  }

  /** @param {import("../core/place.js").Place} place */
  push(place) {
    history.pushState(null, "", this.#with(place));
  }

  /** @param {import("../core/place.js").Place | null} place */
  replace(place) {
    const address = this.#with(place);
    if (address !== location.pathname + location.search) history.replaceState(null, "", address);
  }

  #with(place) {
    return location.pathname + searchOf(location.search, place);
  }
}
