import assert from "node:assert/strict";
import { test } from "node:test";

import { OpSender } from "../../static/js/net/op_sender.js";

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

function storageIn(record) {
  return {
    load: () => structuredClone(record.queue ?? { next_seq: 1, ops: [] }),
    save: (queue) => (record.queue = structuredClone(queue)),
  };
}

function makeSender(answer, record = {}) {
  const sent = [];
  const acked = [];
  const sender = new OpSender({
    client_id: "c",
    storage: storageIn(record),
    pause: async () => {},
    send: async (event, data) => {
      sent.push([event, data.seq]);
      return answer(data, sent.length);
    },
    onAck: ({ seq }, { status }) => acked.push([seq, status]),
  });
  return { sender, sent, acked, record };
}

const POINT = { key: { video_id: "v", instance_id: 1, region: "shaft" }, frame_idx: 0, x: 1, y: 2, label: 1 };
const UNDO = { key: POINT.key, frame_idx: 0 };

const applied = async ({ seq }) => ({ seq, status: "applied" });

test("ops go out in order, one at a time", async () => {
  let busy = 0;
  let most = 0;
  const { sender, sent } = makeSender(async ({ seq }) => {
    most = Math.max(most, (busy += 1));
    await settled();
    busy -= 1;
    return { seq, status: "applied" };
  });
  sender.resume();
  const answers = [["add_point", POINT], ["add_point", POINT], ["undo", UNDO]].map((op) => sender.enqueue(...op).answer);
  await Promise.all(answers);

  assert.deepEqual(sent, [["add_point", 1], ["add_point", 2], ["undo", 3]]);
  assert.equal(most, 1);
});

test("nothing is sent before the server listens, and nothing is lost", async () => {
  const { sender, sent, record } = makeSender(applied);
  sender.enqueue("add_point", POINT);
  await settled();

  assert.deepEqual(sent, []);
  assert.deepEqual(record.queue.ops, [{ seq: 1, event: "add_point", data: POINT }]);
});

test("an op without an answer is sent again under the same seq, before later ones", async () => {
  const { sender, sent, acked } = makeSender(async (data, count) => {
    if (count === 1) throw new Error("timeout");
    return { seq: data.seq, status: count === 2 ? "duplicate" : "applied" };
  });
  sender.resume();
  sender.enqueue("add_point", POINT);
  await sender.enqueue("undo", UNDO).answer;

  assert.deepEqual(sent.map(([, seq]) => seq), [1, 1, 2]);
  assert.deepEqual(acked, [[1, "duplicate"], [2, "applied"]]);
});

test("a lost connection stops the queue and resuming goes on with it", async () => {
  const { sender, sent } = makeSender(async (data, count) => {
    if (count === 1) {
      sender.suspend();
      throw new Error("disconnected");
    }
    return { seq: data.seq, status: "applied" };
  });
  sender.resume();
  const { answer } = sender.enqueue("add_point", POINT);
  await settled();
  assert.equal(sent.length, 1);

  sender.resume(0);
  await answer;

  assert.deepEqual(sent.map(([, seq]) => seq), [1, 1]);
});

test("a reload sends what the page before it had not delivered", async () => {
  const record = {};
  makeSender(applied, record).sender.enqueue("add_point", POINT);
  const { sender, sent, acked } = makeSender(applied, record);
  sender.resume();
  await settled();

  assert.deepEqual(sent, [["add_point", 1]]);
  assert.deepEqual(acked, [[1, "applied"]]);
  assert.deepEqual(record.queue.ops, []);
});

test("a server that is restarting is asked again; a refusal is not repeated", async () => {
  const codes = ["host_unavailable", "host_unavailable", "invalid_prompt"];
  const { sender, sent, acked } = makeSender(async ({ seq }, count) => ({
    seq,
    status: "rejected",
    error: { code: codes[count - 1] },
  }));
  sender.resume();
  await sender.enqueue("add_point", POINT).answer;

  assert.equal(sent.length, 3);
  assert.deepEqual(acked, [[1, "rejected"]]);
});

test("a seq the server already has is never used for a new op", () => {
  const { sender } = makeSender(applied);
  sender.resume(41);

  assert.equal(sender.enqueue("add_point", POINT).seq, 42);
});
