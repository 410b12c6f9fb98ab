/** The socket: sends messages, waits for their acks, and passes on every server event. */

const ANSWER_MS = 5000;
const SAVED_BATCH_MS = 80; // a run announces hundreds of masks a second; the page takes them together

/** Server events that pass through unchanged; mask and mask_saved get care of their own. */
export const PLAIN_EVENTS = [
  "queued",
  "mask_deleted",
  "masks_changed",
  "masks_approved",
  "cleaning_changed",
  "prompts_changed",
  "keypoints_changed",
  "change_taken_back",
  "instances_changed",
  "regions_changed",
  "region_rules_changed",
  "classes_changed",
  "presence",
  "video_progress",
  "video_deleted",
  "trash_changed",
  "batch_changed",
  "batch_deleted",
  "host_state",
  "resync",
  "job_progress",
  "job_ended",
];

export class Link {
  #socket;
  #saved = [];
  #timer = null;
  connection = 0; // counts them: what was asked over an earlier one may never be answered

  /**
   * @param {any} socket of socket.io-client, not yet connected
   * @param {{onEvent: (name: string, data: any) => void, onConnection: (state: string) => void,
   *   onMask: (data: any) => void}} handlers
   */
  constructor(socket, { onEvent, onConnection, onMask }) {
    this.#socket = socket;
    socket.on("connect", () => {
      this.connection += 1;
      onConnection("online");
    });
    socket.on("disconnect", () => onConnection("offline"));
    socket.on("connect_error", () => onConnection("refused"));
    socket.on("mask", (data) => this.#inOrder(onEvent, () => onMask(data)));
    socket.on("mask_saved", (data) => this.#collect(data, onEvent));
    for (const name of PLAIN_EVENTS) {
      socket.on(name, (data) => this.#inOrder(onEvent, () => onEvent(name, data)));
    }
  }

  connect() {
    this.#socket.connect();
  }

  /** Send and wait for the answer; rejects if none comes, or the connection is lost. @returns {Promise<any>} */
  ask(event, data, wait_ms = ANSWER_MS) {
    return this.#socket.timeout(wait_ms).emitWithAck(event, data);
  }

  /** Send if connected; lost otherwise. */
  tell(event, data) {
    if (this.#socket.connected) this.#socket.volatile.emit(event, data, () => {});
  }

  #collect(data, onEvent) {
    this.#saved.push(data);
    this.#timer ??= setTimeout(() => this.#flush(onEvent), SAVED_BATCH_MS);
  }

  /** Collected masks are passed on first: they are older than this event. */
  #inOrder(onEvent, then) {
    this.#flush(onEvent);
    then();
  }

  #flush(onEvent) {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#saved.length) return;
    const saved = this.#saved;
    this.#saved = [];
    onEvent("mask_saved", { saved });
  }
}
