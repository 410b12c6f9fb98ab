import assert from "node:assert/strict";
import { test } from "node:test";

import { isPassing, storageOf } from "../../static/js/net/browser_storage.js";
import { scopedStorage } from "../../static/js/net/scoped_storage.js";

const refused = (get) => Object.defineProperty(globalThis, "localStorage", { configurable: true, get });

for (const [name, get] of [["throws", () => { throw new Error("SecurityError"); }], ["is null", () => null]]) {
  test(`where the storage ${name} things are kept as long as the page`, () => {
    refused(get);
    const storage = storageOf("localStorage");
    const scoped = scopedStorage(storage, "https://gpu.example");
    storage.setItem("place", 1);
    scoped.setItem("ops", "[]");

    assert.equal(isPassing(storage), true);
    assert.deepEqual([storage.getItem("place"), scoped.getItem("ops"), scoped.getItem("other")], ["1", "[]", null]);
    assert.deepEqual(scoped.names(), ["ops"]);
    scoped.removeItem("ops");
    assert.deepEqual(scoped.names(), []);
  });
}

test("the browser's own is taken where it can be used", () => {
  const own = { getItem: () => null };
  refused(() => own);

  assert.deepEqual([storageOf("localStorage"), isPassing(own)], [own, false]);
});
