/** The frames of a run, in the propagate panel. */

import { isSet, rangeWords } from "../core/range.js";
import { el, icon, kbd, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps @returns {HTMLElement} */
export function runRange({ store, commands, keys }) {
  const words = el("b", { class: "num", testid: "run-range" });
  const marks = el("span", { class: "run-marks" }, kbd(keys("markIn")), kbd(keys("markOut")));
  const clear = el(
    "button",
    { class: "ghost", title: "Run over all frames", aria: { label: "Run over all frames" }, on: { click: () => commands.clearRange() } },
    icon("x"),
  );
  const row = el("div", { class: "run-range" }, el("span", { class: "dim", text: "frames" }), words, marks, clear);
  row.title = `A run goes over the marked frames: ${keys("markIn")} and ${keys("markOut")} set them`;
  store.watch((state) => state.playback.range, (range) => {
    const set = isSet(range);
    setText(words, set ? rangeWords(range) : "all");
    clear.hidden = !set;
    marks.hidden = set;
  });
  return row;
}
