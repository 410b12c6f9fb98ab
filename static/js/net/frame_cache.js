/** Decoded frames up to a limit; the least recently used go first. */

import { Lru } from "../core/lru.js";
import { Loader } from "./loader.js";

const LIMIT_BYTES = 320e6; // about 38 frames of 1080p
const CONCURRENCY = 3;

export class FrameCache {
  #frames = new Lru({
    limit: LIMIT_BYTES,
    weigh: (bitmap) => bitmap.width * bitmap.height * 4,
    drop: (bitmap) => bitmap.close(),
  });
  #loader = new Loader({ load: (request) => this.#load(request), concurrency: CONCURRENCY });
  #fetchFrame;
  #onReady;

  /**
   * @param {(video_id: string, frame_idx: number) => Promise<Blob>} fetchFrame
   * @param {(video_id: string, frame_idx: number) => void} onReady
   */
  constructor(fetchFrame, onReady) {
    this.#fetchFrame = fetchFrame;
    this.#onReady = onReady;
  }

  /** @param {string} video_id @param {number} frame_idx @returns {ImageBitmap | undefined} */
  get(video_id, frame_idx) {
    return this.#frames.get(`${video_id}#${frame_idx}`);
  }

  /** Another video has this id now. @param {string} video_id */
  forgetVideo(video_id) {
    this.#frames.deleteWhere((name) => name.startsWith(`${video_id}#`));
  }

  /** Load these, in this order, instead of what was wanted before. @param {string} video_id @param {number[]} frames */
  want(video_id, frames) {
    this.#loader.want(
      frames
        .filter((frame_idx) => !this.get(video_id, frame_idx))
        .map((frame_idx) => ({ name: `${video_id}#${frame_idx}`, video_id, frame_idx })),
    );
  }

  async #load({ name, video_id, frame_idx }) {
    try {
      this.#frames.set(name, await createImageBitmap(await this.#fetchFrame(video_id, frame_idx)));
    } catch {
      return; // not extracted yet, or offline: it is asked for again when that changes
    }
    this.#onReady(video_id, frame_idx);
  }
}
