import assert from "node:assert/strict";
import { test } from "node:test";

import { claimIdentity, markLeft } from "../../static/js/net/identity.js";

/** A Storage as browsers promise it: texts under names, and the names as own keys. */
function makeStorage() {
  const methods = {
    getItem(name) { return this[name] ?? null; },
    setItem(name, value) { this[name] = String(value); },
    removeItem(name) { delete this[name]; },
  };
  return Object.create(methods);
}

/** Locks of one browser, shared by its tabs: held for ever once got. */
function makeLocks() {
  const taken = new Set();
  return {
    async request(name, options, kept) {
      if (taken.has(name)) {
        if (options.ifAvailable) return kept(null);
        throw new DOMException("waited long enough", "TimeoutError");
      }
      taken.add(name);
      return kept({ name });
    },
  };
}

test("a reloaded tab goes on under its id, its numbers and its undelivered clicks", async () => {
  const session = makeStorage();
  const local = makeStorage();
  const first = await claimIdentity({ locks: makeLocks(), session, local });
  const ops = [{ seq: 4, event: "add_point", data: {} }];
  first.storage.save({ next_seq: 5, ops });

  const second = await claimIdentity({ locks: makeLocks(), session, local });

  assert.equal(second.client_id, first.client_id);
  assert.deepEqual(second.storage.load(), { next_seq: 5, ops });
});

test("a duplicated tab gets an id of its own", async () => {
  const locks = makeLocks();
  const session = makeStorage();
  const local = makeStorage();
  const first = await claimIdentity({ locks, session, local });
  first.storage.save({ next_seq: 9, ops: [] });

  const copy = Object.assign(makeStorage(), session);
  const second = await claimIdentity({ locks, session: copy, local });

  assert.notEqual(second.client_id, first.client_id);
  assert.deepEqual(second.storage.load(), { next_seq: 1, ops: [] });
});

test("a new tab delivers the clicks that a closed one left behind", async () => {
  const local = makeStorage();
  const closed = await claimIdentity({ locks: makeLocks(), session: makeStorage(), local });
  closed.storage.save({ next_seq: 3, ops: [{ seq: 2, event: "undo", data: {} }] });

  const next = await claimIdentity({ locks: makeLocks(), session: makeStorage(), local });

  assert.equal(next.client_id, closed.client_id);
  assert.equal(next.storage.load().next_seq, 3);
});

test("without locks only a page that left hands its id on", async () => {
  const session = makeStorage();
  const local = makeStorage();
  const first = await claimIdentity({ locks: undefined, session, local });
  first.storage.save({ next_seq: 2, ops: [] });
  const copied = await claimIdentity({ locks: undefined, session: Object.assign(makeStorage(), session), local });
  markLeft(session);
  const reloaded = await claimIdentity({ locks: undefined, session, local });

  assert.notEqual(copied.client_id, first.client_id);
  assert.equal(reloaded.client_id, first.client_id);
});
