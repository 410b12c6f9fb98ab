/** A mask that is being painted: its pixels, and the canvas that shows them while the hand moves. */

import { paintStroke } from "../core/brush.js";
import { rgb } from "../core/colour.js";
import { encodeMask } from "../core/mask_png.js";
import { splitPair } from "../core/pairs.js";
import { fillPolygon } from "../core/polygon.js";
import { cropped, maskBox, uncropped } from "../core/raster.js";
import { currentPair, pairColour } from "../core/selectors.js";
import { cropOf, maskPixels } from "./mask_pixels.js";

/** @import { State } from "../core/state.js" */

const NO_PAIR_COLOUR = "#f2a33a"; // of the first instance, which the first stroke makes
const NOWHERE = { x: 0, y: 0, width: 1, height: 1 };

/** @typedef {{png: Uint8Array, pixels: import("./mask_pixels.js").MaskPixels, box: number[] | null}} Painted */

export class Painting {
  /** Number of pixels whose value changed. */
  changed = 0;
  /** Drawn by the mask layer instead of the pair's mask. */
  canvas;
  pair;
  colour;
  #size;
  #mask_hw;
  #tint;

  /** @param {{size: any, pair: string | null, colour: string, pixels: import("./mask_pixels.js").MaskPixels | null}} start */
  constructor({ size, pair, colour, pixels }) {
    this.pair = pair;
    this.colour = colour;
    this.#size = { width: size.width, height: size.height };
    this.#mask_hw = pixels ? uncropped(pixels.inside, this.#size, pixels) : new Uint8Array(size.width * size.height);
    this.#tint = new Uint32Array(Uint8Array.of(...rgb(colour), 255).buffer)[0];
    this.canvas = new OffscreenCanvas(size.width, size.height);
    if (pixels) this.canvas.getContext("2d").drawImage(pixels.tinted(colour), pixels.x, pixels.y);
  }

  /** @param {{from: number[], to: number[], radius: number}} stroke @param {number} value 1 paints, 0 erases */
  stroke(stroke, value) {
    this.#show(paintStroke(this.#mask_hw, this.#size, stroke, value));
  }

  /** @param {number[][]} corners @param {number} value 1 adds, 0 cuts */
  fill(corners, value) {
    this.#show(fillPolygon(this.#mask_hw, this.#size, corners, value));
  }

  /** @returns {Painted} */
  finish() {
    const box = maskBox(this.#mask_hw, this.#size);
    const crop = box ? cropOf(box, this.#size) : NOWHERE;
    const pixels = maskPixels(crop, cropped(this.#mask_hw, this.#size, crop));
    return { png: encodeMask(this.#mask_hw, this.#size), pixels, box };
  }

  #show({ x0, y0, x1, y1, changed }) {
    if (!changed) return;
    this.changed += changed;
    const crop = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    const part = cropped(this.#mask_hw, this.#size, crop);
    const image = new ImageData(crop.width, crop.height);
    const rgba = new Uint32Array(image.data.buffer);
    for (let at = 0; at < part.length; at += 1) if (part[at]) rgba[at] = this.#tint;
    this.canvas.getContext("2d").putImageData(image, x0, y0);
  }
}

/**
 * Go on from the mask that the selected pair has on the frame on screen.
 * @param {State} state @param {import("./mask_cache.js").MaskCache} masks
 * @returns {Painting | null} null while the pixels of that mask are not here
 */
export function startPainting(state, masks) {
  const video = state.video.open;
  const { drawn_idx } = state.playback;
  const pair = currentPair(state);
  if (pair === null) return new Painting({ size: video, pair, colour: NO_PAIR_COLOUR, pixels: null });
  const fact = state.annotations.masks[pair]?.[drawn_idx];
  const place = { video_id: video.video_id, ...splitPair(pair), frame_idx: drawn_idx };
  const found = fact && masks.get(place);
  if (fact && !(found?.rev >= fact.rev)) return null;
  return new Painting({ size: video, pair, colour: pairColour(state, pair), pixels: found?.pixels ?? null });
}
