/** Chooses how wide a frame is loaded: as wide as it is shown, and narrower where the network is slow. */

/** @import { State } from "./state.js" */

const WIDTHS = [480, 720, 960, 1280, 1600]; // px; few, so that the server keeps them and browsers find them again
const QUICK_MS = 60; // a whole frame that comes within this is loaded as it is
const SCRUB_MS = 40; // for a frame while scrubbing: something new on screen many times a second
const STEP_MS = 100; // for any other
const SMALLER_EXPONENT = 1.5; // the bytes of a JPEG grow a little slower than its pixels

/**
 * @typedef {{width: number, shown_px: number, scrubbing: boolean, passing: boolean}} Look  width: of the video;
 *   shown_px: device px that the whole frame is drawn over; passing: the next frame comes soon
 */

/** Return how frames are looked at now. @param {State} state @param {number} density device px per CSS px @returns {Look | null} */
export function lookAt({ video: { open }, view: { zoom }, playback: { playing, scrubbing } }, density) {
  if (!open) return null;
  return { width: open.width, shown_px: zoom * open.width * density, scrubbing, passing: playing || scrubbing };
}

/** The narrowest that shows every device pixel; null: the frame as it is. @param {Look} look @returns {number | null} */
export const sharpWidth = ({ width, shown_px }) => WIDTHS.find((candidate) => candidate >= shown_px && candidate < width) ?? null;

/**
 * The width to load first.
 * @param {Look} look @param {number | null} whole_ms for a whole frame over this network; null: not known yet
 * @returns {number | null} null: the frame as it is
 */
export function firstWidth(look, whole_ms) {
  if (whole_ms !== null && whole_ms <= QUICK_MS) return null;
  const sharp = sharpWidth(look);
  const most_ms = look.scrubbing ? SCRUB_MS : STEP_MS;
  const fits = (width) => (whole_ms ?? 0) * (width / look.width) ** SMALLER_EXPONENT <= most_ms;
  const narrower = WIDTHS.filter((width) => width < look.width && width <= (sharp ?? look.width));
  return [...narrower].reverse().find(fits) ?? narrower[0] ?? null;
}

/** Estimates how long a whole frame takes over this network, from the loads so far: the latest count most. */
export class NetworkSpeed {
  #bytes_ms = null;
  #whole_bytes = 0;

  /** Time of a whole frame's bytes, without the round trip, which a narrower frame costs as well; null: not known yet. */
  get whole_ms() {
    return this.#bytes_ms && this.#whole_bytes / this.#bytes_ms;
  }

  /** @param {{bytes: number, body_ms: number, width: number, whole_width: number}} load  body_ms: from its first byte to its last */
  add({ bytes, body_ms, width, whole_width }) {
    const bytes_ms = bytes / Math.max(1, body_ms);
    this.#bytes_ms = this.#bytes_ms === null ? bytes_ms : 1 / (0.7 / this.#bytes_ms + 0.3 / bytes_ms);
    this.#whole_bytes = bytes * (whole_width / width) ** SMALLER_EXPONENT;
  }
}
