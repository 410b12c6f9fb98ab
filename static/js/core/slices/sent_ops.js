/** One's own ops, from the click to the server's word: queued, acknowledged, announced; or rejected. */

import { target } from "../ops.js";
import { changesAfter, changesAfterRepair, withoutChange } from "../own_changes.js";

const change = (annotations, seq, next) => ({
  ...annotations,
  ops: annotations.ops.flatMap((op) => (op.seq === seq ? next(op) : [op])),
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

/** Every op is answered, and then waits no more. */
function leftQueue(annotations, { seq }) {
  if (!(seq in annotations.queue)) return annotations;
  const { [seq]: gone, ...queue } = annotations.queue;
  return { ...annotations, queue };
}

/** @type {Record<string, import("./open_video.js").Case<import("./annotations.js").Annotations>>} */
export const OP_CASES = {
  client_named: (annotations, { queued }) => ({ ...annotations, ops: restored(annotations.ops, queued) }),
  op_queued: (annotations, { seq, event, data, press, step }) => ({
    ...annotations,
    ops: [...annotations.ops, { seq, event, data, acked: false, seen: false }],
    own_changes: changesAfter(annotations.own_changes, { seq, event, data, press, step }, annotations.keypoints),
  }),
  repaired: (annotations, { place }) => ({ ...annotations, own_changes: changesAfterRepair(annotations.own_changes, place) }),
  op_acknowledged: (annotations, { seq, job_id }) => ({
    ...change(annotations, seq, acknowledged),
    own_changes: job_id ? withoutChange(annotations.own_changes, seq) : annotations.own_changes, // made once the job ends
  }),
  queued: (annotations, { seq, position }) => ({ ...annotations, queue: { ...annotations.queue, [seq]: position } }),
  queue_left: leftQueue,
  op_settled: (annotations, { seq, refused = false }) => ({
    ...change(annotations, seq, () => []),
    own_changes: refused ? withoutChange(annotations.own_changes, seq) : annotations.own_changes,
  }),
  // the answers to ops that waited for the model are given anew, or their masks are announced as saved
  connection_changed: (annotations) => ({ ...annotations, queue: {} }),
  host_state: (annotations) => ({ ...annotations, queue: {} }),
};
