/** Every change of prompts, keypoints and runs is an op: queued, sent in order, shown meanwhile. */

import { latencyParts } from "../core/latency.js";
import { anywayToast } from "../core/people.js";

/** @import { ClientEventName } from "../core/client_events.js" */
/** @import { Store } from "../core/store.js" */

const ANNOUNCED_WITHIN_MS = 3000; // after its acknowledgement; else the state is asked for again

/** @param {{store: Store, sender: any, toast: Function, reread: (op: any) => Promise<void>, dropPainted: (seq: number) => void, later: (ms: number, callback: () => void) => void, now: () => number}} deps */
export function opCommands({ store, sender, toast, reread, dropPainted, later, now }) {
  const sent_at = new Map(); // seq → when the user acted, for the latency

  /**
   * @param {ClientEventName} event @param {any} data its fields
   * @param {import("../core/own_changes.js").OfApproval} [of_approval] of an approval: what undo has to know
   * @returns {{seq: number, answer: Promise<any>}}
   */
  function submit(event, data, of_approval = {}) {
    const { seq, answer } = sender.enqueue(event, data);
    if (isUp(store.state)) sent_at.set(seq, now());
    store.dispatch({ type: "op_queued", seq, event, data, ...of_approval });
    return { seq, answer };
  }

  /** The server's answer to one op. @param {any} op @param {any} ack */
  function acknowledged(op, ack) {
    if (ack.status === "rejected") return rejected(op, ack.error);
    store.dispatch({ type: "op_acknowledged", seq: op.seq, job_id: ack.job_id });
    later(ANNOUNCED_WITHIN_MS, () => settle(op));
  }

  /** The server refused the op: read again what the page showed too early. */
  function rejected(op, error) {
    sent_at.delete(op.seq);
    store.dispatch({ type: "op_settled", seq: op.seq, refused: true });
    if (op.event === "set_mask") dropPainted(op.seq);
    toast({ level: error.code === "nothing_to_do" ? "info" : "error", ...error, ...wayOut(op, error) });
    reread(op);
  }

  /** Offer a run of pairs that were left out because nothing changed, or a yes to what touches another person's work. */
  function wayOut({ event, data }, { code, message }) {
    if (code === "others_change") return anywayToast(event, data, message);
    if (event !== "propagate" || code !== "nothing_to_do" || data.force) return {};
    const has_prompts = Object.values(store.state.annotations.prompts).some((frames) => Object.keys(frames).length);
    return has_prompts ? { hint: "", action: "runAnyway", args: [data] } : {};
  }

  function settle(op) {
    sent_at.delete(op.seq);
    if (!store.state.annotations.ops.some(({ seq }) => seq === op.seq)) return;
    store.dispatch({ type: "op_settled", seq: op.seq });
    reread(op);
  }

  /** The mask that answers an op is on screen. @param {any} data @param {number} received_ms when it came */
  function answered({ seq, timings }, received_ms) {
    const from = sent_at.get(seq);
    if (from === undefined) return;
    sent_at.delete(seq);
    const ms = now() - from;
    const parts = latencyParts(timings ?? {}, { waited_ms: received_ms - from, ms });
    store.dispatch({ type: "latency_measured", ms, parts });
  }

  /** The prompt is saved, the model could not answer. @param {any} data */
  function unanswered({ seq, error }) {
    sent_at.delete(seq);
    toast({ level: "error", ...error });
  }

  // an op that waited for the server to come back says nothing of its speed
  store.watch(isUp, (up) => up || sent_at.clear());
  return { submit, acknowledged, answered, unanswered };
}

const isUp = ({ session: { connection, host } }) => connection === "online" && host.state === "ready";
