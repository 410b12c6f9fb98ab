import assert from "node:assert/strict";
import { test } from "node:test";

import { panelCommands } from "../../static/js/commands/panels.js";
import { clickWords } from "../../static/js/core/click_words.js";
import { CALM, laneRoom, mostLanes } from "../../static/js/core/lane_room.js";
import { allFolded, readFolded, withFold } from "../../static/js/core/panels.js";
import { reduce } from "../../static/js/core/reducer.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { Store } from "../../static/js/core/store.js";
import { readTastes, tastesOf } from "../../static/js/net/preferences.js";
import { changed, openedState } from "./opened_state.js";

test("a panel folds and comes back", () => {
  assert.deepEqual(withFold(["time"], "left"), ["left", "time"]);
  assert.deepEqual(withFold(["left", "time"], "left"), ["time"]);
});

test("all panels fold, and those that were open come back", () => {
  const away = allFolded({ folded: ["left"], folded_before: [] });

  assert.deepEqual(away.folded, ["left", "right", "time"]);
  assert.deepEqual(allFolded(away), { folded: ["left"], folded_before: [] });
});

test("panels folded one by one all come back at once", () => {
  const { folded } = allFolded({ folded: ["left", "right", "time"], folded_before: [] });

  assert.deepEqual(folded, []);
});

test("what another version stored folds nothing that is not there", () => {
  assert.deepEqual([undefined, "left", { left: 1 }, ["left", "bottom", 3]].map(readFolded), [[], [], [], ["left"]]);
});

test("the browser keeps what is folded", () => {
  const store = new Store(reduce, INITIAL_STATE);
  const commands = panelCommands({ store });
  commands.foldPanel("right");
  commands.foldCards();
  const kept = JSON.stringify(tastesOf(store.state.view));
  const tastes = readTastes(/** @type {any} */ ({ getItem: () => kept }));

  assert.deepEqual([tastes.folded, tastes.cards_folded], [["right"], true]);
});

test("a panel over a narrow page goes by the key that brought it, and by Escape", () => {
  const store = new Store(reduce, INITIAL_STATE);
  const { openSheet, closeSheet } = panelCommands({ store });
  openSheet("left");
  openSheet("left");
  const by_key = store.state.view.sheet;
  openSheet("right");

  assert.deepEqual([by_key, closeSheet(), closeSheet(), store.state.view.sheet], [null, true, false, null]);
});

test("lanes get room in steps", () => {
  assert.deepEqual([0, 1, 2, 4, 5, 12].map((lanes) => laneRoom(lanes)), [1, 1, 4, 4, 6, 12]);
  assert.equal(laneRoom(CALM), CALM);
});

test("in a low window some lanes scroll", () => {
  const most = [400, 720, 1080].map((window_px) => mostLanes({ window_px, rest_px: 106, lane_px: 18 }));

  assert.deepEqual(most, [4, 4, 9]);
  assert.deepEqual([0, 1, 2, 4, 5, 12].map((lanes) => laneRoom(lanes, 9)), [1, 1, 4, 4, 6, 9]);
});

test("the line below the picture tells what the buttons do, and at the pointer what a click does and whose masks lie there", () => {
  const at = (view) => clickWords(changed(openedState(), { view }));

  assert.deepEqual(at({}), { sign: "", words: "left adds · right removes" });
  assert.deepEqual(at({ click_does: "subtract", hovered: ["1/shaft", "2/wrist"] }), { sign: "−", words: "click removes · in 2 wrist" });
  assert.deepEqual(at({ click_does: "resize-x" }).words, "drag moves the side · click removes the box");
});
