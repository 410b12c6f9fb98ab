/** The panel that starts a propagation. */

import { brokenWords } from "../core/broken_video.js";
import { hasApproved } from "../core/selectors.js";
import { runRange } from "./run_range.js";
import { el, icon, kbd } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const DIRECTIONS = [
  { name: "backward", label: "back", icon: "arrow-left", title: "Run back at once", key: "backward" },
  { name: "both", label: "both", icon: "move-horizontal", title: "Runs go both ways" },
  { name: "forward", label: "forward", icon: "arrow-right", title: "Run forward at once", key: "forward" },
];
const FROM_HERE = [
  { direction: "backward", icon: "arrow-left", title: "Run from this frame back", key: "backFromHere" },
  { direction: "both", icon: "move-horizontal", title: "Run from this frame both ways", key: "bothFromHere" },
  { direction: "forward", icon: "arrow-right", title: "Run from this frame on", key: "fromHere" },
];
const SCOPES = [
  { name: "current", label: "this pair", title: "A run goes over the selected pair", key: "toggleScope" },
  { name: "all", label: "all pairs", title: "A run goes over all pairs", key: "toggleScope" },
];
const ON_GUARD = [
  { name: "go_on", label: "go on", title: "Where something looks wrong: flag it and continue" },
  { name: "pause", label: "pause", title: "Where something looks wrong: flag it and pause there" },
];
const ON_APPROVED = [
  { name: "keep", label: "keep", title: "Approved masks stay as they are; the run goes on over them" },
  { name: "replace", label: "replace", title: "The next run makes approved masks anew, and they have to be approved again; after it, the choice is keep" },
];

/** Opens the list of the video's runs. */
const historyButton = (commands, keys) =>
  el("button", { class: "ghost icon-only", testid: "runs-button", title: `Runs of this video: take back, compare (${keys("showRuns")})`, aria: { label: "Runs of this video" }, attrs: { "aria-haspopup": "dialog" }, on: { click: () => commands.showRuns() } }, icon("rotate-ccw"));

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, keys: (command: string) => string}} deps */
export function mountPropagatePanel(root, { store, commands, keys }) {
  const segment = segments(keys);
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
  const approved = segment("Approved masks", "on-approved", ON_APPROVED, commands.chooseOnApproved);
  const approved_row = el("div", { class: "guard-row" }, el("span", { class: "dim", text: "approved masks" }), approved);
  const tools = el("span", { class: "h2-tools" }, historyButton(commands, keys), followButton({ store, commands, keys }));
  const heading = el("h2", {}, "Propagate", tools);
  const here = fromHere(commands, keys);
  root.append(heading, scopes, directions, runRange({ store, commands, keys }), here, row, approved_row, el("div", { class: "row" }, button));
  store.watch((state) => state.video.open !== null, (open) => (root.hidden = !open));
  store.watch((state) => state.view.direction, (name) => choose(directions, name));
  store.watch((state) => state.view.scope, (name) => choose(scopes, name));
  store.watch((state) => state.view.on_guard, (name) => choose(guards, name));
  store.watch((state) => state.view.on_approved, (name) => choose(approved, name));
  store.watch(whyNot, (why) => refuse([button, ...here.querySelectorAll("button")], why));
  store.watch(hasApproved, (any) => (approved_row.hidden = !any));
}

/** Say why no run can start; null if one can. */
const whyNot = (state) => brokenWords(state) && "There is nothing to run over: this video cannot be read";

/** Disable buttons while there is a reason, which is their tooltip then. @param {any[]} buttons @param {string | null} why */
function refuse(buttons, why) {
  for (const button of buttons) {
    button.disabled = why !== null;
    if (why !== null) button.dataset.title ??= button.title;
    button.title = why ?? button.dataset.title ?? button.title;
    if (why === null) delete button.dataset.title;
  }
}

/** Make the button that lets the stage ride with runs. */
function followButton({ store, commands, keys }) {
  const title = `Follow: the stage rides with your run until a click or a key (${keys("toggleFollow")})`;
  const button = el("button", { class: "ghost worded", testid: "follow", title, attrs: { "data-key": "toggleFollow" }, on: { click: () => commands.toggleFollow() } }, icon("eye"), "follow");
  store.watch((state) => state.view.follow, (on) => button.setAttribute("aria-pressed", String(on)));
  return button;
}

/** Runs that begin at the frame on screen, without marks. */
function fromHere(commands, keys) {
  const buttons = FROM_HERE.map(({ direction, icon: name, title, key }) =>
    el("button", { testid: `from-here-${direction}`, title: `${title} (${keys(key)})`, aria: { label: title }, on: { click: () => commands.runFromHere(direction) } }, icon(name)));
  const fill = { class: "button small", testid: "fill-gap", title: `Fill between the prompted or approved frames around this one, from both sides (${keys("fillGap")})`, attrs: { "data-key": "fillGap" }, on: { click: () => commands.fillGap() } };
  const group = el("div", { class: "segment", attrs: { role: "group" }, aria: { label: "Run from this frame" } }, ...buttons);
  return el("div", { class: "guard-row" }, el("span", { class: "dim", text: "from here" }), group, el("button", fill, "Fill gap", kbd(keys("fillGap"))));
}

const segments = (keys) => (label, testid, choices, choose) => {
  return el(
    "div",
    { class: "segment", attrs: { role: "group" }, aria: { label } },
    ...choices.map((choice) => {
      const props = {
        testid: `${testid}-${choice.name}`,
        attrs: { "data-name": choice.name },
        title: choice.key ? `${choice.title} (${keys(choice.key)})` : (choice.title ?? ""),
        on: { click: () => choose(choice.name) },
      };
      return el("button", props, choice.icon && icon(choice.icon), choice.label);
    }),
  );
};

function choose(group, name) {
  for (const button of group.children) {
    button.setAttribute("aria-pressed", String(button.dataset.name === name));
  }
}
