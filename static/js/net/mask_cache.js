/** Decoded masks by video, pair and frame: one revision of each, the recently used ones. */

import { Lru } from "../core/lru.js";
import { pairName } from "../core/pairs.js";
import { Loader } from "./loader.js";
import { decodeMask } from "./mask_pixels.js";

const LIMIT_BYTES = 192e6;
const CONCURRENCY = 4;

/** @typedef {{video_id: string, instance_id: number, region: string, frame_idx: number}} Place */

const nameOf = ({ video_id, instance_id, region, frame_idx }) =>
  `${video_id}#${pairName(instance_id, region)}#${frame_idx}`;

export class MaskCache {
  #masks = new Lru({ limit: LIMIT_BYTES, weigh: ({ pixels }) => pixels.bytes });
  #loader = new Loader({ load: (request) => this.#load(request), concurrency: CONCURRENCY });
  #decoding = new Map(); // name → the revision whose pixels are under way
  #fetchMask;
  #onReady;

  /**
   * @param {(place: Place, rev: number) => Promise<Blob>} fetchMask
   * @param {(place: Place) => void} onReady
   */
  constructor(fetchMask, onReady) {
    this.#fetchMask = fetchMask;
    this.#onReady = onReady;
  }

  /** The newest pixels at hand of this pair and frame. @param {Place} place */
  get(place) {
    return this.#masks.get(nameOf(place));
  }

  /** Load these unless that revision or a newer one is here. @param {(Place & {rev: number, box?: any})[]} wanted */
  want(wanted) {
    this.#loader.want(
      wanted
        .filter((one) => this.#newest(one) < one.rev)
        .map((one) => ({ ...one, name: `${nameOf(one)}#${one.rev}` })),
    );
  }

  /** Keep pixels that were sent. @param {Place} place @param {number} rev @param {BlobPart} png @param {number[] | null} [box] */
  async put(place, rev, png, box) {
    const name = nameOf(place);
    this.#decoding.set(name, rev);
    try {
      const pixels = await decodeMask(new Blob([png], { type: "image/png" }), box);
      if (this.#decoding.get(name) !== rev) return; // overtaken or forgotten meanwhile
      this.#masks.set(name, { rev, pixels });
    } finally {
      if (this.#decoding.get(name) === rev) this.#decoding.delete(name);
    }
    this.#onReady(place);
  }

  #newest(place) {
    const name = nameOf(place);
    return this.#decoding.get(name) ?? this.#masks.get(name)?.rev ?? 0;
  }

  /** @param {Place} place */
  forget(place) {
    this.#decoding.delete(nameOf(place));
    this.#masks.delete(nameOf(place));
  }

  async #load({ rev, box, name, ...place }) {
    try {
      await this.put(place, rev, await this.#fetchMask(place, rev), box);
    } catch {
      return; // deleted meanwhile, or offline: announced again when it matters
    }
  }
}
