/** The life of an op in the page: queued, acknowledged, announced; or rejected. */

import { target } from "./ops.js";
import { pairOfKey } from "./pairs.js";

const change = (state, seq, next) => ({
  ...state,
  ops: state.ops.flatMap((op) => (op.seq === seq ? next(op) : [op])),
});

/** An acknowledged op stays until its change is announced, so that its dot never blinks. */
function acknowledged(op) {
  if (op.seen || target(op.event, op.data) === null) return [];
  return [{ ...op, acked: true }];
}

const restored = (ops, queued) => [
  ...queued.map(({ seq, event, data }) => ({ seq, event, data, acked: false, seen: false })),
  ...ops,
];

/** A toast that offers to undo takes back its own change only: the next one here makes it go. */
function isOvertaken({ action, args }, { key, frame_idx }) {
  if (action !== "undoAt" || !key) return false;
  const [there] = args;
  return there.frame_idx === frame_idx && pairOfKey(there.key) === pairOfKey(key);
}

/** Every op is answered, and then waits no more. */
function leftQueue(state, { seq }) {
  if (!(seq in state.queue)) return state;
  const { [seq]: gone, ...queue } = state.queue;
  return { ...state, queue };
}

export const OP_CASES = {
  client_named: (state, { client_id, queued }) => ({
    ...state,
    client_id,
    ops: restored(state.ops, queued),
  }),
  op_queued: (state, { seq, event, data }) => ({
    ...state,
    ops: [...state.ops, { seq, event, data, acked: false, seen: false }],
    toasts: state.toasts.filter((toast) => !isOvertaken(toast, data)),
  }),
  op_acknowledged: (state, { seq }) => change(state, seq, acknowledged),
  queued: (state, { seq, position }) => ({ ...state, queue: { ...state.queue, [seq]: position } }),
  queue_left: leftQueue,
  op_settled: (state, { seq }) => change(state, seq, () => []),
  latency_measured: (state, { ms, parts }) => ({ ...state, latency: { ms, parts } }),
};
