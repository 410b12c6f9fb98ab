/** Small pictures of frames and masks for cells: a few at a time, only those in view; the latest are kept. */

import { Lru } from "../../core/lru.js";
import { shownWidth } from "../../core/pixel_aspect.js";
import { Loader } from "../loader.js";

const LIMIT_BYTES = 160e6; // decoded
const CONCURRENCY = 6;
const RETRY_MS = 4000; // not extracted yet, or offline
const WIDTHS = [160, 320, 640];

/** @typedef {{name: string, place: any, rev?: number, width: number, height: number}} Picture  rev: of a mask; a frame has none */

export class CellPictures {
  #kept = new Lru({ limit: LIMIT_BYTES, weigh: (bitmap) => bitmap.width * bitmap.height * 4, drop: (bitmap) => bitmap.close() });
  #failed = new Set();
  #loader = new Loader({ load: (picture) => this.#load(picture), concurrency: CONCURRENCY });
  #getThumbnail;
  #getMask;
  /** Called after each arrival. @type {() => void} */ onReady = () => {};

  /** @param {{getThumbnail: (video_id: string, frame_idx: number, width: number) => Promise<Blob>, getMask: (place: any, rev: number) => Promise<ArrayBuffer>}} api */
  constructor({ getThumbnail, getMask }) {
    this.#getThumbnail = getThumbnail;
    this.#getMask = getMask;
  }

  /** The frame of a cell. @param {import("../../core/review/cells.js").Cell} cell @param {{width: number, height: number}} video @param {number} px wide on screen @returns {Picture} */
  frameOf({ video_id, frame_idx }, video, px) {
    const size = sizeFor(video, px);
    return { name: `${video_id}#${frame_idx}#${size.width}`, place: { video_id, frame_idx }, ...size };
  }

  /** The masks of a cell that are there. @param {import("../../core/review/cells.js").Cell} cell @param {{width: number, height: number}} video @param {number} px @returns {Picture[]} */
  masksOf({ video_id, frame_idx, masks }, video, px) {
    const size = sizeFor(video, px);
    return masks
      .filter(({ rev, state }) => rev && state !== "missing")
      .map(({ instance_id, region, rev }) => ({
        name: `${video_id}#${instance_id}/${region}#${frame_idx}#${rev}#${size.width}`,
        place: { video_id, instance_id, region, frame_idx },
        rev,
        ...size,
      }));
  }

  /** @param {Picture} picture @returns {ImageBitmap | undefined} */
  get({ name }) {
    return this.#kept.get(name);
  }

  /** Load these, in this order, instead of what was wanted before. @param {Picture[]} pictures */
  want(pictures) {
    this.#loader.want(pictures.filter(({ name }) => !this.#kept.get(name) && !this.#failed.has(name)));
  }

  /** @param {any} picture */
  async #load({ name, place, rev, width, height }) {
    try {
      const data = rev ? new Blob([await this.#getMask(place, rev)], { type: "image/png" }) : await this.#getThumbnail(place.video_id, place.frame_idx, width);
      this.#kept.set(name, await createImageBitmap(data, { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" }));
    } catch {
      this.#failed.add(name);
      setTimeout(() => {
        this.#failed.delete(name);
        this.onReady();
      }, RETRY_MS);
    }
    this.onReady();
  }
}

/** Few widths, so that pictures survive a change of the cell size. */
function sizeFor(video, px) {
  const { width, height } = video;
  const wanted = WIDTHS.find((one) => one >= px) ?? WIDTHS.at(-1);
  const wide = Math.max(1, Math.min(wanted, width || wanted));
  return { width: wide, height: Math.max(1, Math.round((wide * (height || 9)) / (shownWidth(video) || 16))) };
}
