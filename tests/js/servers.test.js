import assert from "node:assert/strict";
import { test } from "node:test";

import { serverCommands } from "../../static/js/commands/servers.js";
import { isMixed, serverAddress, serverName, socketAddress, tokenIn, tokenProtocols } from "../../static/js/core/server_url.js";
import { reduce } from "../../static/js/core/reducer.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { Store } from "../../static/js/core/store.js";
import { pathOf, pointAt, urlOf } from "../../static/js/net/api.js";
import { scopedStorage, storageScope } from "../../static/js/net/scoped_storage.js";
import { ServerChoice } from "../../static/js/net/server_choice.js";

const OWN = "http://127.0.0.1:8000";

/** Browsers list what is stored as own properties. */
function storage() {
  const methods = {
    getItem(name) { return Object.hasOwn(this, name) ? this[name] : null; },
    setItem(name, text) { this[name] = text; },
    removeItem(name) { delete this[name]; },
  };
  return Object.create(methods);
}

const choiceOf = (local = storage(), session = storage()) => new ServerChoice({ local, session, own: OWN });

test("an address is read as people type it, or paste it with its token", () => {
  assert.deepEqual(serverAddress(" gpu-01:8000 "), { url: "http://gpu-01:8000", token: "" });
  assert.deepEqual(serverAddress("HTTPS://GPU.example:443/#t=a%2Bb"), { url: "https://gpu.example", token: "a+b" });
  assert.equal(serverAddress("https://gpu/lab/sam2/review?video=a#t=b").url, "https://gpu/lab/sam2");
  assert.deepEqual(["", "http://", "ftp://a", "javascript:alert(1)", "http://u:p@a", "a b:80"].map(serverAddress), Array(6).fill(null));
});

test("a server under a prefix keeps it in every address", () => {
  const base = "https://gpu/lab/sam2";
  pointAt({ url: base, base, token: "" });

  assert.deepEqual(socketAddress(base), { origin: "https://gpu", path: "/lab/sam2/socket.io" });
  assert.deepEqual(socketAddress(OWN), { origin: OWN, path: "/socket.io" });
  assert.equal(serverName(base), "gpu/lab/sam2");
  assert.equal(urlOf(pathOf("/lab/sam2/api/videos/a")), `${base}/api/videos/a`);
  assert.equal(pathOf("/lab/sam2x/api"), "/lab/sam2x/api");
  assert.deepEqual([storageScope({ base }, "https://gpu"), storageScope({ base: OWN }, OWN)], [base, ""]);
});

test("a token behind the # is taken sign by sign", () => {
  assert.deepEqual(["#t=a/+=", "#t=a%2Fb", "#t=50%", "#x=1&t=b", "#", "#target=1"].map(tokenIn), ["a/+=", "a/b", "50%", "b", null, null]);
});

test("a page over https reaches http servers of its own machine only", () => {
  assert.deepEqual(["http://gpu:8000", "http://localhost:8000", "https://gpu"].map((url) => isMixed("https://here", url)), [true, false, false]);
});

test("a websocket names the token in signs that a name can hold", () => {
  const [protocol, token] = tokenProtocols("ö/+=?>");

  assert.equal(protocol, "sam2-session");
  assert.match(token, /^token\.[A-Za-z0-9_-]+$/);
  assert.equal(Buffer.from(token.slice(6), "base64url").toString(), "ö/+=?>");
});

test("what is stored for one server is not seen for another", () => {
  const browser = storage();
  const [own, gpu, other] = ["", "http://gpu:8000", "http://gpu:80001"].map((url) => scopedStorage(browser, url));
  own.setItem("annotator.ops.a", "1");
  gpu.setItem("annotator.ops.b", "2");

  assert.deepEqual([own.names(), gpu.names(), other.names()], [["annotator.ops.a"], ["annotator.ops.b"], []]);
  assert.deepEqual([own.getItem("annotator.ops.b"), gpu.getItem("annotator.ops.b")], [null, "2"]);
});

test("a server in the address counts once this browser knows it", () => {
  const [local, session] = [storage(), storage()];
  const search = "?server=http%3A%2F%2Fgpu%3A8000";
  const before = choiceOf(local, session).read(search);
  choiceOf(local, session).choose({ url: "http://gpu:8000", token: "t", remember: true });

  assert.deepEqual([before.remote, before.known], [true, false]);
  assert.deepEqual(choiceOf(local, storage()).read(search), { url: "http://gpu:8000", base: "http://gpu:8000", token: "t", name: "gpu:8000", remote: true, known: true });
});

test("a token that is not to be remembered stays in its tab", () => {
  const [local, session] = [storage(), storage()];
  choiceOf(local, session).choose({ url: "http://gpu:8000", token: "secret", remember: false });

  assert.equal(choiceOf(local, session).read("?server=http://gpu:8000").token, "secret");
  assert.ok(!JSON.stringify({ ...local }).includes("secret"));
});

test("the page's own address is no other server", () => {
  assert.deepEqual([choiceOf().read(`?server=${OWN}`).remote, choiceOf().read("?server=%00").remote], [false, false]);
});

test("the page comes back to a server that answered, until it is left", () => {
  const local = storage();
  const choice = choiceOf(local);
  choice.choose({ url: "http://gpu:8000", token: "", remember: true });
  const before = choice.last;
  choice.comeBackTo("http://gpu:8000");
  const after = choiceOf(local).last;
  choice.leave();

  assert.deepEqual([before, after, choiceOf(local).last], [null, "http://gpu:8000", null]);
});

test("what is no address is said, and nothing is loaded", () => {
  const store = new Store(reduce, INITIAL_STATE);
  const visited = [];
  const commands = serverCommands({ store, choice: choiceOf(), own: OWN, go: (path) => visited.push(path) });

  commands.connectTo({ address: "no address", token: "", remember: true });
  const { message } = store.state.session.server_error;
  commands.connectTo({ address: "gpu:8000", token: " t ", remember: true });

  assert.match(message, /no server's address/);
  assert.deepEqual(visited, ["/?server=http%3A%2F%2Fgpu%3A8000"]);
});
