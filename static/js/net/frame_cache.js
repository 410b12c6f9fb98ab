/**
 * Decoded frames up to a limit; the least recently used go first. Over a slow network a narrow picture of each
 * comes first, and a sharp one of the frame on screen once nothing else is wanted.
 */

import { firstWidth, NetworkSpeed, sharpWidth } from "../core/frame_widths.js";
import { Lru } from "../core/lru.js";
import { Loader } from "./loader.js";

/** @import { Look } from "../core/frame_widths.js" */

const LIMIT_BYTES = 320e6; // about 38 frames of 1080p
const CONCURRENCY = 3;

export class FrameCache {
  #frames = new Lru({
    limit: LIMIT_BYTES,
    weigh: ({ bitmap }) => bitmap.width * bitmap.height * 4,
    drop: ({ bitmap }) => bitmap.close(),
  });
  #loader = new Loader({ load: (request) => this.#load(request), concurrency: CONCURRENCY });
  #speed = new NetworkSpeed();
  #fetchFrame;
  #onReady;

  /**
   * @param {(video_id: string, frame_idx: number, options: {width: number | null, signal: AbortSignal}) =>
   *   Promise<{blob: Blob, body_ms: number}>} fetchFrame
   * @param {(video_id: string, frame_idx: number) => void} onReady
   */
  constructor(fetchFrame, onReady) {
    this.#fetchFrame = fetchFrame;
    this.#onReady = onReady;
  }

  /** @param {string} video_id @param {number} frame_idx @returns {ImageBitmap | undefined} as wide as it came, perhaps narrower than the video */
  get(video_id, frame_idx) {
    return this.#frames.get(`${video_id}#${frame_idx}`)?.bitmap;
  }

  /** Another video has this id now. @param {string} video_id */
  forgetVideo(video_id) {
    this.#frames.deleteWhere((name) => name.startsWith(`${video_id}#`));
  }

  /**
   * Load these, in this order, instead of what was wanted before; then the first one as sharp as it is shown.
   * @param {string} video_id @param {number[]} frames @param {Look | null} [look] null: as they are
   */
  want(video_id, frames, look = null) {
    const width = look && firstWidth(look, this.#speed.whole_ms);
    const missing = frames.filter((frame_idx) => !this.get(video_id, frame_idx));
    const requests = missing.map((frame_idx) => ({ name: `${video_id}#${frame_idx}`, video_id, frame_idx, width, look }));
    this.#loader.want([...requests, ...this.#sharper(video_id, frames[0], look)]);
  }

  /** The frame on screen is loaded once more if it is narrower than it is drawn. */
  #sharper(video_id, frame_idx, look) {
    if (!look || look.passing || frame_idx === undefined) return [];
    const width = sharpWidth(look);
    const name = `${video_id}#${frame_idx}`;
    const there = this.#frames.get(name)?.width ?? firstWidth(look, this.#speed.whole_ms) ?? look.width;
    if (there >= (width ?? look.width)) return [];
    return [{ name: `${name} sharp`, video_id, frame_idx, width, look, spare: true }];
  }

  async #load({ video_id, frame_idx, width, look }, signal) {
    try {
      const { blob, body_ms } = await this.#fetchFrame(video_id, frame_idx, { width, signal });
      const bitmap = await createImageBitmap(blob);
      const whole_width = look?.width ?? bitmap.width;
      this.#speed.add({ bytes: blob.size, body_ms, width: bitmap.width, whole_width });
      this.#keep(`${video_id}#${frame_idx}`, { bitmap, width: width ?? whole_width });
    } catch {
      return; // not extracted yet, offline, or no longer wanted: it is asked for again when that changes
    }
    this.#onReady(video_id, frame_idx);
  }

  #keep(name, frame) {
    const before = this.#frames.get(name);
    if (before && before.width >= frame.width) frame.bitmap.close();
    else this.#frames.set(name, frame);
  }
}
