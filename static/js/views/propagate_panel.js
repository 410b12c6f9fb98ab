/** The panel that starts a propagation. */

import { runRange } from "./run_range.js";
import { el, icon, kbd } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const DIRECTIONS = [
  { name: "backward", label: "back", icon: "arrow-left", key: "Shift+F" },
  { name: "both", label: "both", icon: "move-horizontal", key: "" },
  { name: "forward", label: "forward", icon: "arrow-right", key: "F" },
];
const SCOPES = [
  { name: "current", label: "this pair" },
  { name: "all", label: "all pairs" },
];
const ON_GUARD = [
  { name: "go_on", label: "go on", title: "Where something looks wrong: flag it and continue" },
  { name: "pause", label: "pause", title: "Where something looks wrong: flag it and pause there" },
];

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, keys: (command: string) => string}} deps */
export function mountPropagatePanel(root, { store, commands, keys }) {
  const directions = segment("Direction", "direction", DIRECTIONS, commands.chooseDirection);
  const scopes = segment("Pairs", "scope", SCOPES, commands.chooseScope);
  const button = el(
    "button",
    {
      class: "button primary wide-button",
      testid: "propagate",
      title: `Carry the prompts through the video; with Shift also pairs that did not change (${keys("propagate")})`,
      attrs: { "data-key": "propagate" },
      on: { click: ({ shiftKey }) => commands.propagate(undefined, { force: shiftKey }) },
    },
    "Propagate",
    kbd(keys("propagate")),
  );
  const guards = segment("When something looks wrong", "on-guard", ON_GUARD, commands.chooseOnGuard);
  const row = el("div", { class: "guard-row" }, el("span", { class: "dim", text: "if in doubt" }), guards);
  root.append(el("h2", { text: "Propagate" }), scopes, directions, runRange({ store, commands, keys }), row, el("div", { class: "row" }, button));
  store.watch((state) => state.video.open !== null, (open) => (root.hidden = !open));
  store.watch((state) => state.view.direction, (name) => choose(directions, name));
  store.watch((state) => state.view.scope, (name) => choose(scopes, name));
  store.watch((state) => state.view.on_guard, (name) => choose(guards, name));
}

function segment(label, testid, choices, choose) {
  return el(
    "div",
    { class: "segment", attrs: { role: "group" }, aria: { label } },
    ...choices.map((choice) => {
      const props = {
        testid: `${testid}-${choice.name}`,
        attrs: { "data-name": choice.name },
        title: choice.title ?? (choice.key ? `Run ${choice.label} at once: ${choice.key}` : ""),
        on: { click: () => choose(choice.name) },
      };
      return el("button", props, choice.icon && icon(choice.icon), choice.label);
    }),
  );
}

function choose(group, name) {
  for (const button of group.children) {
    button.setAttribute("aria-pressed", String(button.dataset.name === name));
  }
}
