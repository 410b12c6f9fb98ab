import assert from "node:assert/strict";
import { test } from "node:test";

import { opCommands } from "../../static/js/commands/ops.js";
import { peopleCommands } from "../../static/js/commands/people.js";
import { promptHistoryCommands } from "../../static/js/commands/prompt_history.js";
import { anywayToast, isOwn, isSamePlace, nameOf, othersOf, pairOfPerson, personWords, placeWords } from "../../static/js/core/people.js";
import { reduce } from "../../static/js/core/reducer.js";
import { historyHere, ownerHere } from "../../static/js/core/selectors.js";
import { Store } from "../../static/js/core/store.js";
import { personId } from "../../static/js/net/identity.js";
import { announced, click, KEY, openedState } from "./opened_state.js";

const ANNA = { client_id: "anna", person_id: "browser-a", name: "Anna" };
const ME = { client_id: "me", person_id: "browser-me", name: "" };
const HERE = { key: KEY, frame_idx: 3 };
const named = { type: "client_named", client_id: "me", person_id: "browser-me", queued: [] };

/** The page on frame 3, whose newest change is this client's. */
const madeBy = (client, ...actions) => openedState(named, announced([{ x: 1, y: 2, label: 1 }], { client_id: "anna", undo_by: client }), ...actions);

function page(state) {
  const store = new Store(reduce, state);
  const sent = [];
  const said = [];
  const toast = ({ ms, ...words }) => {
    said.push(words);
    store.dispatch({ type: "toast_shown", toast: { id: said.length, ...words } });
  };
  const submit = (event, data) => {
    sent.push([event, data]);
    store.dispatch({ type: "op_queued", seq: sent.length, event, data });
  };
  const opened = [];
  const openVideo = (...args) => opened.push(args);
  const deps = { store, ops: { submit }, toast, openVideo };
  return { store, sent, said, opened, ...promptHistoryCommands(deps), ...peopleCommands(deps) };
}

test("a change is one's own by the window or by the browser", () => {
  const session = { client_id: "me", person_id: "browser-me" };

  assert.deepEqual([ANNA, ME, { ...ANNA, person_id: "browser-me" }, null].map((client) => isOwn(session, client)), [false, true, true, true]);
  assert.equal(isOwn({ client_id: "me", person_id: "" }, { client_id: "other", person_id: "", name: "" }), false);
});

test("people are named with what they work on", () => {
  const wrist = { client_id: "anna", name: "Anna", frame_idx: 12, instance_id: 2, region: "wrist" };

  assert.equal(personWords(wrist), "Anna works on 2 wrist, frame 12");
  assert.equal(personWords({ client_id: "x", name: "", frame_idx: 0 }), "Somebody is at frame 0");
  assert.equal(placeWords({ instance_id: 2, region: null }, 4), "frame 4, instance 2");
  assert.equal(nameOf(null), "Somebody");
  assert.equal(personWords({ ...wrist, frame_idx: null }), "Anna works on 2 wrist");
  assert.equal(personWords({ client_id: "x", name: "Ben" }), "Ben is here");
  assert.deepEqual([wrist, { ...wrist, region: null }, { ...wrist, instance_id: null }, { region: "wrist" }].map(pairOfPerson), ["2/wrist", null, null, null]);
});

test("two ops are about the same place by frame, instance and region", () => {
  const others = [{ key: KEY, frame_idx: 4 }, { key: { ...KEY, instance_id: 2 }, frame_idx: 3 }, { key: { ...KEY, region: "wrist" }, frame_idx: 3 }];

  assert.deepEqual([HERE, ...others].map((other) => isSamePlace(HERE, other)), [true, false, false, false]);
});

test("the question before another person's work is touched says what a yes does", () => {
  const said = ["undo", "redo", "propagate"].map((event) => anywayToast(event, HERE, "Anna moved it."));

  assert.deepEqual(said.map(({ label }) => label), ["Undo anyway", "Redo anyway", "Run anyway"]);
  assert.equal(said[0].hint, said[1].hint);
  assert.match(said[2].hint, /prompts as they are/);
  assert.deepEqual(said[0].args, ["undo", HERE]);
});

test("others are counted once for each window", () => {
  const presence = [{ client_id: "me" }, { client_id: "anna" }, { client_id: "anna", frame_idx: 2 }];

  assert.deepEqual(othersOf({ presence, client_id: "me" }), [{ client_id: "anna", frame_idx: 2 }]);
});

test("undo asks once before it takes another person's change", () => {
  const { undo, sent, said, store } = page(madeBy(ANNA));
  undo();
  assert.deepEqual([sent.length, said[0].message], [0, "Anna made the last change here."]);
  assert.deepEqual([said[0].action, said[0].label, said[0].args], ["doAnyway", "Undo anyway", ["undo", HERE]]);

  undo();
  assert.deepEqual(sent, [["undo", { ...HERE, any: true }]]);
  assert.deepEqual(store.state.view.toasts, []);
});

test("one's own change, and nobody's, is undone at once", () => {
  for (const owner of [ME, null, { ...ANNA, person_id: "browser-me" }]) {
    const { undo, sent } = page(madeBy(owner));
    undo();
    assert.deepEqual(sent, [["undo", HERE]]);
  }
});

test("a click of one's own on top is undone without a question", () => {
  const state = madeBy(ANNA, click(7));

  assert.equal(ownerHere(madeBy(ANNA), "undo"), ANNA);
  assert.equal(ownerHere(state, "undo"), null);
  assert.deepEqual(historyHere(state), { undo: 2, redo: 0 });
});

test("a refusal of the server asks, too", () => {
  const store = new Store(reduce, openedState(named));
  const said = [];
  const deps = { store, toast: (words) => said.push(words), reread: () => {}, dropPainted: () => {}, later: () => {}, now: () => 0 };
  const { acknowledged } = opCommands({ ...deps, sender: null });
  const run = { video_id: "v", pairs: "all" };
  const error = { code: "others_change", message: "Anna is changing 2 wrist right now.", hint: "Send any: true." };
  acknowledged({ seq: 4, event: "propagate", data: run }, { status: "rejected", error });

  assert.deepEqual([said[0].level, said[0].message, said[0].label], ["info", error.message, "Run anyway"]);
  assert.deepEqual(said[0].args, ["propagate", run]);
});

test("whose change was taken back is told, and nobody else", () => {
  const { sayTakenBack, said, goToPlace, store } = page(openedState(named));
  const taken = { key: { ...KEY, instance_id: 2, region: "wrist" }, frame_idx: 12, way: "undo", change: "click", by: ANNA };
  sayTakenBack({ ...taken, of: ANNA });
  assert.deepEqual(said, []);

  sayTakenBack({ ...taken, of: ME });
  assert.equal(said[0].message, "Anna took back your click on frame 12, 2 wrist.");
  goToPlace(...said[0].args);
  assert.equal(store.state.playback.frame_idx, 12);
});

test("the place of another video opens that video", () => {
  const { goToPlace, opened } = page(openedState(named));
  goToPlace({ video_id: "w", instance_id: 2, region: "wrist" }, 5);

  assert.deepEqual(opened, [["w", { frame_idx: 5, instance_id: 2, region: "wrist" }]]);
});

test("a browser keeps one person", () => {
  const kept = new Map();
  const local = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text) };
  const first = personId(local);

  assert.match(first, /^[0-9a-f]{24}$/);
  assert.equal(personId(local), first);
});
