import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../static/js/core/store.js";

const counter = () => new Store((state, { by }) => (by ? { ...state, n: state.n + by } : state), { n: 1, other: [1] });

test("a watcher hears the value now and every new value", () => {
  const store = counter();
  const heard = [];
  store.watch((state) => state.n, (n) => heard.push(n));

  store.dispatch({ type: "added", by: 2 });
  store.dispatch({ type: "added", by: 0 });

  assert.deepEqual(heard, [1, 3]);
});

test("a list of the same things is not news", () => {
  const store = counter();
  let renders = 0;
  store.watch((state) => [...state.other], () => (renders += 1));

  store.dispatch({ type: "added", by: 1 });

  assert.equal(renders, 1);
});

test("a dispatch inside a render throws", () => {
  const store = counter();
  store.watch((state) => state.n, (n) => n > 1 && store.dispatch({ type: "again", by: 1 }));

  assert.throws(() => store.dispatch({ type: "added", by: 1 }), /inside a render/);
});

test("an aborted signal ends a watch", () => {
  const store = counter();
  const controller = new AbortController();
  const heard = [];
  store.watch((state) => state.n, (n) => heard.push(n), controller.signal);

  controller.abort();
  store.dispatch({ type: "added", by: 1 });

  assert.deepEqual(heard, [1]);
});
