/** The buttons right of playback: approve, range, loop, speed, filmstrip, whole video. */

import { isSet, rangeWords } from "../core/range.js";
import { currentPair } from "../core/selectors.js";
import { el, icon, kbd, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const RATE_WORDS = { 0.25: "¼×", 0.5: "½×", 1: "1×", 2: "2×" };

/** @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps @returns {HTMLElement[]} */
export function transportTools(deps) {
  return [skipped(deps), approval(deps), absence(deps), rangeChip(deps), loop(deps), rate(deps), filmstrip(deps), fit(deps)];
}

function toolButton(testid, title, run, ...children) {
  return el("button", { class: "button small", testid, title, aria: { label: title }, on: { click: run } }, ...children);
}

const onlyWithVideo = (store, ...buttons) =>
  store.watch((state) => state.video.open === null, (none) => buttons.forEach((button) => (button.disabled = none)));

/** Frames that playback left out: it keeps to the clock and says so. */
function skipped({ store }) {
  const text = el("span", { class: "num skipped", testid: "skipped", attrs: { role: "status" } });
  store.watch((state) => [state.playback.pace, state.playback.playing], ([pace, playing]) => {
    text.hidden = !pace.skipped && !(playing && pace.waiting);
    setText(text, playing && pace.waiting ? "loading…" : `${pace.skipped} skipped`);
    text.title = "Frames that did not load in time; playback keeps to the clock";
  });
  return text;
}

function approval({ store, commands, keys }) {
  const words = el("span");
  const title = `Approve the mask of the selected pair (${keys("approveFrame")}), all of them or of the range (${keys("approveRange")})`;
  const button = toolButton("approve", title, () => commands.approveFrame(), icon("check"), words, kbd(keys("approveFrame")));
  store.watch(
    (state) => [state.annotations.masks[currentPair(state)]?.[state.playback.drawn_idx]],
    ([mask]) => {
      button.disabled = !mask;
      setText(words, mask?.approved ? "approved" : "approve");
      button.setAttribute("aria-pressed", String(Boolean(mask?.approved)));
    },
  );
  return button;
}

function absence({ store, commands, keys }) {
  const title = `The object is not here: an empty mask that runs keep (${keys("toggleAbsent")}, for the range ${keys("toggleAbsentRange")})`;
  const button = toolButton("absent", title, () => commands.toggleAbsent(), icon("ban"));
  store.watch(
    (state) => [state.annotations.masks[currentPair(state)]?.[state.playback.drawn_idx]?.absent, state.video.open],
    ([absent]) => button.setAttribute("aria-pressed", String(Boolean(absent))),
  );
  onlyWithVideo(store, button);
  return button;
}

function rangeChip({ store, commands, keys }) {
  const words = el("span", { class: "num" });
  const title = `Show the range. ${keys("markIn")} and ${keys("markOut")} set it, or Shift+drag on the timeline`;
  const show = toolButton("range", title, () => commands.zoomToRange(), words);
  const clear = el(
    "button",
    { class: "ghost", testid: "range-clear", title: "Clear the marks", aria: { label: "Clear the marks" }, on: { click: () => commands.clearRange() } },
    icon("x"),
  );
  store.watch((state) => [state.playback.range, state.video.open], ([range, video]) => {
    const set = isSet(range);
    setText(words, set ? `[ ${rangeWords(range)} ]` : "[ all ]");
    show.disabled = !video || !set;
    clear.hidden = !set;
  });
  return el("span", { class: "range-tools" }, show, clear);
}

function loop({ store, commands, keys }) {
  const button = toolButton("loop", `Repeat playback, between the marks if they are set (${keys("toggleLoop")})`, () => commands.toggleLoop(), icon("repeat"));
  store.watch((state) => state.view.loop, (on) => button.setAttribute("aria-pressed", String(on)));
  onlyWithVideo(store, button);
  return button;
}

function rate({ store, commands, keys }) {
  const words = el("span", { class: "num" });
  const button = toolButton("rate", `Speed (${keys("slower")} and ${keys("faster")})`, () => commands.cycleRate(), words);
  store.watch((state) => state.view.rate, (value) => setText(words, RATE_WORDS[value] ?? `${value}×`));
  onlyWithVideo(store, button);
  return button;
}

function filmstrip({ store, commands, keys }) {
  const button = toolButton("filmstrip", `Thumbnails above the lanes (${keys("toggleFilmstrip")})`, () => commands.toggleFilmstrip(), icon("film"));
  store.watch((state) => state.view.filmstrip, (on) => button.setAttribute("aria-pressed", String(on)));
  onlyWithVideo(store, button);
  return button;
}

/** Make the button that shows the whole video; it is disabled while all of it is shown. */
function fit({ store, commands, keys }) {
  const title = `Show the whole video on the timeline (${keys("timelineFit")}); the wheel zooms`;
  const button = toolButton("timeline-fit", title, () => commands.fitTimeline(), icon("unfold-horizontal"));
  store.watch((state) => state.playback.span === null, (whole) => (button.disabled = whole));
  return button;
}
