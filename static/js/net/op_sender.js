/**
 * Ops go out one at a time, in order, and stay stored until the server has them: a lost connection
 * or a reload repeats them, and the server applies a repeated one once.
 */

import { checkedFields } from "../core/client_events.js";

/** @import { ClientEventName } from "../core/client_events.js" */

const TRANSIENT = new Set(["host_unavailable", "busy"]); // the same op may succeed in a moment
const RETRY_MS = 700;

/** @typedef {{seq: number, event: string, data: any}} QueuedOp */
/** @typedef {{seq: number, rev?: number, status: string, error?: any} & Record<string, any>} Ack */

export class OpSender {
  #client_id;
  #storage;
  #send;
  #pause;
  #onAck;
  #ops;
  #next_seq;
  #answers = new Map();
  #online = false;
  #pumping = false;

  /**
   * @param {{client_id: string,
   *   storage: {load: () => {next_seq: number, ops: QueuedOp[]}, save: (queue: any) => void},
   *   send: (event: string, data: any) => Promise<Ack>,
   *   pause: (ms: number) => Promise<void>,
   *   onAck: (op: QueuedOp, ack: Ack) => void}} options
   *   send rejects when no answer came: the op is sent again
   */
  constructor({ client_id, storage, send, pause, onAck }) {
    this.#client_id = client_id;
    this.#storage = storage;
    this.#send = send;
    this.#pause = pause;
    this.#onAck = onAck;
    const { next_seq, ops } = storage.load();
    this.#ops = ops;
    this.#next_seq = next_seq;
  }

  /** Ops without an answer, oldest first. @returns {QueuedOp[]} */
  get queued() {
    return [...this.#ops];
  }

  /** A message that is not kept (open_video and the like), in its envelope. @param {ClientEventName} event @param {any} data */
  message(event, data) {
    return { client_id: this.#client_id, seq: this.#takeSeq(), ...checkedFields(event, data) };
  }

  /** Keep the op and send it when its turn comes. @param {ClientEventName} event @param {any} data @returns {{seq: number, answer: Promise<Ack>}} */
  enqueue(event, data) {
    checkedFields(event, data);
    const seq = this.#takeSeq();
    this.#ops.push({ seq, event, data });
    this.#save();
    const answer = new Promise((resolve) => this.#answers.set(seq, resolve));
    this.#pump();
    return { seq, answer };
  }

  /** The server listens: send what waits. @param {number} [last_seq] the newest it has of this client */
  resume(last_seq = 0) {
    this.#next_seq = Math.max(this.#next_seq, last_seq + 1);
    this.#online = true;
    this.#pump();
  }

  /** The connection is gone: keep everything. */
  suspend() {
    this.#online = false;
  }

  #takeSeq() {
    const seq = this.#next_seq;
    this.#next_seq += 1;
    return seq;
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#online && this.#ops.length) await this.#sendFirst();
    this.#pumping = false;
  }

  async #sendFirst() {
    const op = this.#ops[0];
    let ack;
    try {
      ack = await this.#send(op.event, { client_id: this.#client_id, seq: op.seq, ...op.data });
    } catch {
      return; // no answer: the loop repeats it, or ends if the connection is gone
    }
    if (ack.status === "rejected" && TRANSIENT.has(ack.error?.code)) {
      await this.#pause(RETRY_MS);
      return;
    }
    this.#ops.shift();
    this.#save();
    this.#onAck(op, ack);
    this.#answers.get(op.seq)?.(ack);
    this.#answers.delete(op.seq);
  }

  #save() {
    this.#storage.save({ next_seq: this.#next_seq, ops: this.#ops });
  }
}
