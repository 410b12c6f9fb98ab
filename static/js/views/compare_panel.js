/** The panel of a comparison, over the stage: what a run added and removed here, and which of both to keep. */

import { isSet, rangeWords } from "../core/range.js";
import { comparedTitle, comparedWords, isRebuild } from "../core/run_history.js";
import { currentPair } from "../core/selectors.js";
import { DIFFERENCE_COLOURS } from "./canvas/difference.js";
import { el, icon, kbd, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const WORDS = { added: "added", removed: "removed", same: "the same" };

/** @param {any} root @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps */
export function mountComparePanel(root, { store, commands, keys }) {
  const title = el("h2", { id: "compare-title" });
  const close = el("button", { class: "ghost", testid: "compare-close", title: `Close (${keys("toggleCompare")})`, aria: { label: "Close" }, on: { click: () => leave() } }, icon("x"));
  const where = el("p", { class: "num", testid: "compare-iou", attrs: { role: "status" } });
  const legend = el("p", { class: "compare-legend dim" }, ...Object.keys(WORDS).map((name) => el("span", {}, swatch(DIFFERENCE_COLOURS[name]), WORDS[name])));
  const hold = el("p", { class: "dim" }, "Hold ", kbd(keys("flicker")), el("span"));
  const old = el("button", { class: "button", testid: "keep-old", on: { click: () => commands.keepOld() } }, icon("undo-2"), el("span"), kbd(keys("keepOld")));
  const fresh = el("button", { class: "button primary", testid: "keep-new", on: { click: () => commands.keepNew() } }, icon("check"), el("span"), kbd(keys("keepNew")));
  root.append(el("header", {}, icon("contrast"), title, close), where, legend, hold, el("footer", {}, old, fresh));

  function leave() {
    commands.stopComparing();
    commands.focusStage();
  }
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    leave();
    event.stopPropagation();
    event.preventDefault();
  });
  store.watch(
    (state) => [state.run_history.compared, state.run_history.ious, state.playback.drawn_idx, state.playback.range, currentPair(state), state.run_history.rebuilds],
    ([compared, , , range]) => {
      root.hidden = compared === null;
      if (compared === null) return;
      const rebuilt = isRebuild(compared);
      setText(title, comparedTitle(store.state.run_history));
      setText(where, comparedWords(store.state));
      setText(hold.querySelector("span"), rebuilt ? " to see the rebuilt mask." : " to see the mask before.");
      setText(old.querySelector("span"), rebuilt ? "Leave it" : "Keep the old");
      setText(fresh.querySelector("span"), rebuilt ? "Take it" : "Keep the new");
      if (rebuilt) {
        old.title = `The masks stay as they are (${keys("keepOld")})`;
        fresh.title = `The rebuilt masks of the pair replace those of now, but none that a person made or approved; can be undone (${keys("keepNew")})`;
        return;
      }
      const part = isSet(range) ? rangeWords(range) : "this frame";
      old.title = `${part}: the masks from before the run come back; can be undone (${keys("keepOld")})`;
      fresh.title = `${part}: approve the new masks (${keys("keepNew")})`;
    },
  );
}

function swatch(colour) {
  const dot = el("i", { class: "swatch-dot" });
  dot.style.setProperty("--pair", colour);
  return dot;
}
