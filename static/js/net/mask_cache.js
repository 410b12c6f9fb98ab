/** Decoded masks by video, pair and frame: one revision of each; the least recently used go first. */

import { Lru } from "../core/lru.js";
import { pairName } from "../core/pairs.js";
import { Loader } from "./loader.js";
import { decodeMask } from "./mask_pixels.js";

const LIMIT_BYTES = 192e6;
const CONCURRENCY = 4;
const PAINTED = Infinity; // the revision of pixels that were painted here: newer than any, until answered

/** @typedef {{video_id: string, instance_id: number, region: string, frame_idx: number}} Place */

const nameOf = ({ video_id, instance_id, region, frame_idx }) =>
  `${video_id}#${pairName(instance_id, region)}#${frame_idx}`;

export class MaskCache {
  #masks = new Lru({ limit: LIMIT_BYTES, weigh: ({ pixels }) => pixels.bytes });
  #loader = new Loader({ load: (request) => this.#load(request), concurrency: CONCURRENCY });
  #painted = new Map(); // name → seq of the op that carries what was painted there
  #wanted = [];
  #shown_instead = null; // {name, pixels}: drawn in the place of one mask, which stays as it is
  #before = null; // {name, pixels}: the mask that was at one place before a run
  #fetchMask;
  #onReady;

  /**
   * @param {(place: Place, rev: number) => Promise<ArrayBuffer>} fetchMask
   * @param {(place: Place) => void} onReady
   */
  constructor(fetchMask, onReady) {
    this.#fetchMask = fetchMask;
    this.#onReady = onReady;
  }

  /** Another video has this id now. @param {string} video_id */
  forgetVideo(video_id) {
    this.#masks.deleteWhere((name) => name.startsWith(`${video_id}#`));
  }

  /** The newest pixels at hand of this pair and frame. @param {Place} place */
  get(place) {
    return this.#masks.get(nameOf(place));
  }

  /**
   * Draw a mask in the place of this one until the next call; without a place none.
   * @param {Place | null} place @param {Blob | null} png @returns {Promise<number>} its area in pixels
   */
  async showInstead(place, png) {
    const before = this.#shown_instead;
    const pixels = place && png ? decodeMask(await png.arrayBuffer(), null) : null;
    this.#shown_instead = place && pixels ? { name: nameOf(place), pixels } : null;
    if (place || before) this.#onReady(place ?? before);
    return pixels ? pixels.inside.reduce((area, value) => area + value, 0) : 0;
  }

  /** Keep the mask that was before at a place until the next call; without a place none. @param {Place | null} place @param {Blob | null} png */
  async keepBefore(place, png) {
    const last = this.#before;
    this.#before = place && png ? { name: nameOf(place), pixels: decodeMask(await png.arrayBuffer(), null) } : null;
    if (place || last) this.#onReady(place ?? last);
  }

  /** The pixels that were before at this place, if they are kept. @param {Place} place */
  before(place) {
    return this.#before?.name === nameOf(place) ? this.#before.pixels : null;
  }

  /** The pixels drawn in the place of this mask, or null. @param {Place} place */
  shownInstead(place) {
    return this.#shown_instead?.name === nameOf(place) ? this.#shown_instead.pixels : null;
  }

  /** Load these unless that revision or a newer one is here. @param {(Place & {rev: number, box?: any})[]} wanted */
  want(wanted) {
    this.#wanted = wanted;
    this.#loader.want(
      wanted
        .filter((mask) => this.#newest(mask) < mask.rev)
        .map((mask) => ({ ...mask, name: `${nameOf(mask)}#${mask.rev}` })),
    );
  }

  /**
   * Keep pixels that were sent, unless something painted later is on its way.
   * @param {Place} place @param {number} rev @param {ArrayBuffer | Uint8Array} png
   * @param {{box?: number[] | null, seq?: number}} [about] seq: the own op that they answer
   */
  put(place, rev, png, { box, seq = 0 } = {}) {
    const name = nameOf(place);
    if (this.#isPaintedAfter(name, seq)) return;
    const pixels = decodeMask(png, box);
    this.#painted.delete(name);
    this.#masks.set(name, { rev, pixels });
    this.#onReady(place);
  }

  /** Show painted pixels until the server answers. @param {Place} place @param {number} seq of its op @param {any} pixels */
  paint(place, seq, pixels) {
    const name = nameOf(place);
    this.#painted.set(name, seq);
    this.#masks.set(name, { rev: PAINTED, pixels });
    this.#onReady(place);
  }

  /** Drop painted pixels whose ops will not be answered any more. @param {(seq: number) => boolean} isWaiting */
  dropPainted(isWaiting) {
    for (const [name, seq] of this.#painted) {
      if (isWaiting(seq)) continue;
      this.#painted.delete(name);
      this.#masks.delete(name);
    }
    this.want(this.#wanted);
  }

  /** Forget a deleted mask; pixels painted later than the own op `seq` stay. @param {Place} place @param {number} [seq] */
  forget(place, seq = 0) {
    const name = nameOf(place);
    if (this.#isPaintedAfter(name, seq)) return;
    this.#painted.delete(name);
    this.#masks.delete(name);
  }

  #isPaintedAfter(name, seq) {
    return (this.#painted.get(name) ?? 0) > seq;
  }

  #newest(place) {
    return this.#masks.get(nameOf(place))?.rev ?? 0;
  }

  /** @param {Place & {rev: number, box?: number[] | null, name: string}} request */
  async #load({ rev, box, name: _, ...place }) {
    try {
      this.put(place, rev, await this.#fetchMask(place, rev), { box });
    } catch {
      return; // deleted meanwhile, or offline: announced again when it matters
    }
  }
}
