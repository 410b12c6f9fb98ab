/** Turns server events into facts in the store and pixels in the mask cache. */

/** @import { Store } from "../core/store.js" */

export class ServerEvents {
  #store;
  #masks;
  #answered;
  #reopen;
  #unanswered;
  #now;
  #after;
  #held = []; // events of a video that is being opened: the answer does not include them

  /** @param {{store: Store, masks: any, answered: (data: any, received_ms: number) => void,
   *   unanswered: (data: any) => void, reopen: () => void, now: () => number,
   *   after?: Record<string, (data: any) => void>}} deps  after: what an event leads to */
  constructor({ store, masks, answered, unanswered, reopen, now, after = {} }) {
    this.#after = after;
    this.#unanswered = unanswered;
    this.#now = now;
    this.#store = store;
    this.#masks = masks;
    this.#answered = answered;
    this.#reopen = reopen;
    store.watch(
      (state) => state.video.opening,
      (opening) => opening === null && queueMicrotask(() => this.#release()),
    );
  }

  /** @param {string} name @param {any} data */
  happened(name, data) {
    if (this.#store.state.video.opening !== null && name !== "host_state") {
      if (name !== "queued") this.#held.push([name, data]); // its end is not held, so neither is it
      return;
    }
    this.#apply(name, data);
  }

  /** The mask that answers a click: its pixels first, so that nothing is fetched for it. @param {any} data */
  maskArrived(data) {
    this.#store.dispatch({ type: "queue_left", seq: data.seq });
    if (data.state === "failed") return this.#failed(data);
    if (data.state === "superseded") return; // the mask of a later click shows this one, too
    const received_ms = this.#now();
    const place = { ...data.key, frame_idx: data.frame_idx };
    if (data.state === "removed" || !data.png) this.#masks.forget(place, data.seq);
    else this.#masks.put(place, data.rev, data.png, { box: data.box, seq: data.seq });
    const { png, ...facts } = data;
    this.happened("mask", facts);
    this.#answered(data, received_ms);
  }

  /** The prompt was saved but the model failed: painted pixels are not stored, so they go. */
  #failed(data) {
    this.#masks.dropPainted((seq) => seq !== data.seq);
    this.#unanswered(data);
  }

  /** The video was read again: of the painted pixels only those still to be sent stay. */
  #release() {
    this.#masks.dropPainted((seq) => this.#store.state.annotations.ops.some((op) => op.seq === seq));
    const held = this.#held;
    this.#held = [];
    for (const [name, data] of held) this.#apply(name, data);
  }

  #apply(name, data) {
    const before = this.#store.state.session.host.state;
    if (name === "mask_deleted") this.#masks.forget({ ...data.key, frame_idx: data.frame_idx });
    this.#store.dispatch({ ...data, type: name });
    this.#after[name]?.(data);
    if (name === "resync") this.#reopen();
    if (name === "host_state" && data.state === "ready" && before !== "ready") this.#reopen();
  }
}
