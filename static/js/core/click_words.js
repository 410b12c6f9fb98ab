/** Words for what a click does: with the tool in hand, and at the pointer. */

import { isReadOnly } from "./editing.js";
import { currentPair } from "./selectors.js";

/** @import { State } from "./state.js" */

const MOST_NAMED = 3; // pairs named at the pointer

const OF_TOOL = {
  click: (label) => (label ? "left adds · right removes" : "left removes · right adds"),
  box: () => "drag a box around it",
  brush: () => "left paints · right erases",
  eraser: () => "left erases · right paints",
  polygon: (label) => `click corners · Enter ${label ? "adds" : "cuts"}`,
  keypoint: () => "click adds · drag moves",
};

const READ_ONLY = "read only: clicks change nothing";
const SIGNS = { add: "+", subtract: "−", remove: "×", paint: "+", erase: "−" };
const AT_POINTER = {
  add: "click adds", subtract: "click removes", remove: "click removes the dot · drag moves it", box: "drag a box",
  name: "click adds a keypoint", move: "drag moves the keypoint", paint: "paints", erase: "erases", corner: "click sets a corner",
  close: "click closes the polygon", pick: "click selects the pair here",
};

/**
 * Say what the buttons do; with a pointer on the frame, what a click there does, and whose masks lie there.
 * @param {State} state @param {string | null} [does] as `clickDoes` says @returns {{sign: string, words: string}}
 */
export function clickWords(state, does = state.view.click_does) {
  const { tool, label, hovered } = state.view;
  const only_looks = isReadOnly(state);
  if (!does) return { sign: "", words: only_looks ? READ_ONLY : OF_TOOL[tool](label) };
  const act = only_looks && does !== "pick" ? READ_ONLY : does.startsWith("resize") ? "drag moves the side · click removes the box" : AT_POINTER[does];
  const others = hovered.filter((pair) => does === "pick" || pair !== currentPair(state)).slice(0, MOST_NAMED);
  const where = others.length ? ` · in ${others.map((pair) => pair.replace("/", " ")).join(", ")}` : "";
  return { sign: only_looks ? "" : SIGNS[does] ?? "", words: act + where };
}
