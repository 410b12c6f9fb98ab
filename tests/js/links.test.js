import assert from "node:assert/strict";
import { test } from "node:test";

import { keepAddress, linkCommands } from "../../static/js/commands/links.js";
import { isJump, missingOf, placeIn, placeOf, searchOf, searchWith } from "../../static/js/core/place.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { ACK, openedState } from "./opened_state.js";

const PLACE = { video_id: "v", frame_idx: 3, instance_id: 1, region: "shaft" };

/** The address bar and the clock of a page: `rest` lets the time pass that a place needs to settle. */
function page(state, search = "") {
  const history = [search];
  const waiting = [];
  const address = {
    isReload: false,
    get search() { return history.at(-1); },
    get place() { return placeIn(history.at(-1)); },
    push: (place) => history.push(searchOf(history.at(-1), place)),
    replace: (place) => history.splice(-1, 1, searchOf(history.at(-1), place)),
  };
  const store = new Store(reduce, state);
  const rest = () => { while (waiting.length) waiting.shift()(); };
  return { store, address, history, rest, later: (_, callback) => waiting.push(callback) };
}

const goTo = (frame_idx) => ({ type: "frame_requested", frame_idx });

test("a place is written into an address and read back", () => {
  assert.equal(searchOf("?server=http://gpu:1&frame=9", PLACE), "?server=http://gpu:1&video=v&frame=3&pair=1/shaft");
  assert.deepEqual(placeIn(searchOf("", { ...PLACE, video_id: "a b&c%2F#é" })), { ...PLACE, video_id: "a b&c%2F#é" });
  assert.equal(searchOf("?server=x&video=v&frame=3&pair=1/shaft", null), "?server=x");
  assert.equal(searchOf("?video=v", null), "");
});

test("one field of an address is exchanged or taken out, the others stay", () => {
  assert.equal(searchWith("?server=http://gpu:1&batch=a", "batch", "b c"), "?server=http://gpu:1&batch=b%20c");
  assert.equal(searchWith("?batch=a", "batch", null), "");
});

test("the place on screen is that of the open video", () => {
  assert.deepEqual(placeOf(openedState()), PLACE);
  assert.equal(placeOf(openedState({ type: "video_deleted", video_id: "v" })), null);
});

test("what an address does not say, or says wrongly, is left open", () => {
  const open = { frame_idx: null, instance_id: null, region: null };
  assert.equal(placeIn("?frame=3&pair=1/shaft"), null);
  for (const search of ["?video=v", "?video=v&frame=-1&pair=shaft", "?video=v&frame=1e3&pair=0/shaft", "?video=v&frame=&pair=1/", "?video=v&frame=NaN&pair=x/y"]) {
    assert.deepEqual(placeIn(search), { video_id: "v", ...open }, search);
  }
});

test("another video and a leap are steps for Back, small steps and pairs are not", () => {
  assert.equal(isJump(null, PLACE), false);
  assert.equal(isJump(PLACE, { ...PLACE, video_id: "w" }), true);
  assert.equal(isJump(PLACE, { ...PLACE, frame_idx: 28 }), false);
  assert.equal(isJump(PLACE, { ...PLACE, frame_idx: 29 }), true);
  assert.equal(isJump(PLACE, { ...PLACE, region: "overall", instance_id: 2 }), false);
});

test("what a link names and the video lacks is said", () => {
  const state = openedState();
  assert.equal(missingOf(state, PLACE), null);
  assert.equal(missingOf(state, { ...PLACE, frame_idx: 100, instance_id: 7 }), "frame 100 (the last one is 99) and instance 7");
  assert.equal(missingOf(state, { ...PLACE, region: "tip" }), "the region tip");
});

test("the address follows once the frame rests", () => {
  const { store, history, rest, ...deps } = page(openedState());
  keepAddress({ store, ...deps });
  rest();
  assert.deepEqual(history, ["?video=v&frame=3&pair=1/shaft"]);

  for (const frame_idx of [4, 5, 6]) store.dispatch(goTo(frame_idx));
  store.dispatch({ type: "pair_selected", instance_id: 1, region: "overall" });
  assert.deepEqual(history, ["?video=v&frame=3&pair=1/shaft"]);
  rest();
  assert.deepEqual(history, ["?video=v&frame=6&pair=1/overall"]);
});

test("a leap leaves a step to go back to, however it was made", () => {
  const { store, history, rest, ...deps } = page(openedState());
  keepAddress({ store, ...deps });
  rest();
  store.dispatch(goTo(90));
  rest();

  assert.deepEqual(history, ["?video=v&frame=3&pair=1/shaft", "?video=v&frame=90&pair=1/shaft"]);
});

test("another video leaves a step that knows the last frame, even without a rest", () => {
  const { store, history, rest, ...deps } = page(openedState());
  keepAddress({ store, ...deps });
  rest();
  store.dispatch(goTo(7));
  store.dispatch({ type: "video_chosen", video_id: "w" });
  store.dispatch({ type: "video_opened", ack: { ...ACK, video: { ...ACK.video, video_id: "w" } } });
  rest();

  assert.deepEqual(history, ["?video=v&frame=7&pair=1/shaft", "?video=w&frame=0&pair=1/overall"]);
});

test("a video that is being opened is in the address at once, and its frame makes no step of its own", () => {
  const { store, history, rest, ...deps } = page(openedState());
  keepAddress({ store, ...deps });
  rest();
  store.dispatch({ type: "video_chosen", video_id: "w", frame_idx: 60 });
  assert.deepEqual(history, ["?video=v&frame=3&pair=1/shaft", "?video=w"]);

  store.dispatch({ type: "video_opened", ack: { ...ACK, video: { ...ACK.video, video_id: "w" } } });
  store.dispatch(goTo(60));
  rest();
  assert.deepEqual(history, ["?video=v&frame=3&pair=1/shaft", "?video=w&frame=60&pair=1/overall"]);
});

test("a video opened anew after a lost connection leaves the address alone", () => {
  const { store, history, rest, ...deps } = page(openedState());
  keepAddress({ store, ...deps });
  rest();
  store.dispatch({ type: "video_chosen", video_id: "v" });

  assert.deepEqual(history, ["?video=v&frame=3&pair=1/shaft"]);
});

test("Back within the rest is not overwritten by the place that was left", () => {
  const { store, history, rest, ...deps } = page(openedState());
  keepAddress({ store, ...deps });
  rest();
  store.dispatch(goTo(90));
  history.splice(0, 1, "?video=w");
  rest();

  assert.deepEqual(history, ["?video=w"]);
});

test("a deleted video leaves the address, and a page without a video keeps it", () => {
  const { store, history, rest, ...deps } = page(openedState(), "?server=s&video=v");
  keepAddress({ store, ...deps });
  store.dispatch({ type: "video_deleted", video_id: "v" });
  rest();

  assert.deepEqual(history, ["?server=s"]);
});

/** Commands over a server that has one video, which is open. */
function linked(search) {
  const toasts = [];
  const opened = [];
  const made = page(openedState({ type: "videos_listed", videos: [ACK.video, { ...ACK.video, video_id: "w" }] }), search);
  const commands = linkCommands({
    ...made,
    toast: (toast) => toasts.push(toast.message),
    readPlace: () => ({ video_id: "w", frame_idx: 8 }),
    listVideos: async () => {},
    openVideo: async (video_id, place) => opened.push([video_id, place]),
  });
  return { ...made, commands, toasts, opened };
}

test("an address within the open video moves frame and pair, and says what is not there", async () => {
  const { store, commands, toasts, opened } = linked("?video=v&frame=250&pair=9/overall");
  await commands.followAddress();

  assert.equal(store.state.playback.frame_idx, 99);
  assert.deepEqual([store.state.annotations.instance_id, store.state.annotations.region], [1, "overall"]);
  assert.deepEqual(toasts, ["The link names frame 250 (the last one is 99) and instance 9: not in this video."]);
  assert.deepEqual(opened, []);
});

test("an address of another video opens it at its place", async () => {
  const { commands, opened } = linked("?video=w&frame=5&pair=2/shaft");
  await commands.followAddress();

  assert.deepEqual(opened, [["w", { frame_idx: 5, instance_id: 2, region: "shaft" }]]);
});

test("a video that is not there is named, and the address goes back", async () => {
  const { commands, toasts, history } = linked("?video=gone&frame=5");
  await commands.followAddress();

  assert.deepEqual(toasts, ["There is no video gone on this server."]);
  assert.deepEqual(history, ["?video=v&frame=3&pair=1/shaft"]);
});

test("a link comes before what the browser remembers, a reload does not", async () => {
  const first = linked("?video=w&frame=5");
  await first.commands.openFirst();
  assert.deepEqual(first.opened, [["w", { frame_idx: 5, instance_id: null, region: null }]]);

  const again = linked("?video=w&frame=5");
  again.address.isReload = true;
  await again.commands.openFirst();
  assert.deepEqual(again.opened, [["w", { frame_idx: 8 }]]);
});
