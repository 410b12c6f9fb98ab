import assert from "node:assert/strict";
import { test } from "node:test";

import { checkedFields, CLIENT_EVENTS } from "../../static/js/core/client_events.js";
import { OpSender } from "../../static/js/net/op_sender.js";
import { KEY } from "./opened_state.js";

const sender = () =>
  new OpSender({
    client_id: "me",
    storage: { load: () => ({ next_seq: 7, ops: [] }), save: () => {} },
    send: async () => ({ seq: 7, status: "applied" }),
    pause: async () => {},
    onAck: () => {},
  });

test("the list is plain data that other programs can read", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(CLIENT_EVENTS)), { ...CLIENT_EVENTS });
  assert.deepEqual(CLIENT_EVENTS.undo, { fields: ["key", "frame_idx"], optional: ["scope", "any"] });
});

test("an event that is not listed is an error", () => {
  assert.throws(() => sender().enqueue("add_pont", {}), /no event add_pont/);
  assert.throws(() => checkedFields("toString", {}), /no event toString/);
});

test("a field too many or too few is an error, an optional one is not", () => {
  const fields = { key: KEY, frame_idx: 3 };

  assert.throws(() => checkedFields("undo", { ...fields, steps: 2 }), /undo has no field steps/);
  assert.throws(() => checkedFields("clear_frame", { key: KEY }), /clear_frame lacks frame_idx/);
  assert.throws(() => checkedFields("set_box", fields), /set_box lacks box/);
  assert.equal(checkedFields("undo", { ...fields, scope: "keypoints" }).scope, "keypoints");
});

test("a message goes out in the envelope of this client", () => {
  assert.deepEqual(sender().message("close_video", { video_id: "v" }), { client_id: "me", seq: 7, video_id: "v" });
});
