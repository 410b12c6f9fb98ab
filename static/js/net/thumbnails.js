/** Small pictures of frames: loaded a few at a time, only those wanted now; the latest are kept. */

import { Lru } from "../core/lru.js";
import { Loader } from "./loader.js";

const LIMIT_BYTES = 24e6; // decoded: several hundred
const CONCURRENCY = 2; // the frame on screen goes first
const MOST_FAILED = 2000;

export class Thumbnails {
  #kept = new Lru({
    limit: LIMIT_BYTES,
    weigh: (bitmap) => bitmap.width * bitmap.height * 4,
    drop: (bitmap) => bitmap.close(),
  });
  #failed = new Set(); // not asked for again by themselves
  #loader = new Loader({ load: (request) => this.#load(request), concurrency: CONCURRENCY });
  #fetchFrame;
  #listeners = new Set();

  /** @param {(video_id: string, frame_idx: number, width: number) => Promise<Blob>} fetchFrame */
  constructor(fetchFrame) {
    this.#fetchFrame = fetchFrame;
  }

  /** Call after each arrival. @param {() => void} listener */
  onReady(listener) {
    this.#listeners.add(listener);
  }

  /** @param {string} video_id @param {number} frame_idx @param {number} width @returns {ImageBitmap | undefined} */
  get(video_id, frame_idx, width) {
    return this.#kept.get(`${video_id}#${frame_idx}#${width}`);
  }

  /** Another video has this id now. @param {string} video_id */
  forgetVideo(video_id) {
    this.#kept.deleteWhere((name) => name.startsWith(`${video_id}#`));
  }

  /** Load these, in this order, instead of what was wanted before. @param {string} video_id @param {{frame_idx: number, width: number}[]} wanted */
  want(video_id, wanted) {
    const named = wanted.map((picture) => ({ ...picture, video_id, name: `${video_id}#${picture.frame_idx}#${picture.width}` }));
    this.#loader.want(named.filter(({ name }) => !this.#kept.get(name) && !this.#failed.has(name)));
  }

  async #load({ name, video_id, frame_idx, width }) {
    try {
      this.#kept.set(name, await createImageBitmap(await this.#fetchFrame(video_id, frame_idx, width)));
    } catch {
      if (this.#failed.size >= MOST_FAILED) this.#failed.clear();
      this.#failed.add(name);
      setTimeout(() => this.#failed.delete(name), 5000); // not extracted yet, or offline: later
      return;
    }
    for (const listener of this.#listeners) listener();
  }
}
