/** The panel that repairs masks, over the stage so that the preview can be seen: swap and move, or clean. */

import { isSet, rangeWords } from "../core/range.js";
import { CLEANING_STEPS, cleaningWords, cleansNothing, scopeWords, targetOf, targetsOf } from "../core/repair.js";
import { currentPair, pairColour } from "../core/selectors.js";
import { grouped } from "../core/format.js";
import { el, icon, kbd, setIcon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const TITLES = { move: ["Swap or move masks", "arrow-left-right"], clean: ["Clean masks", "sparkles"] };
const MOVES_SLIDER = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]);
const SCOPES = [
  { name: "frame", label: "this frame" },
  { name: "range", label: "range" },
  { name: "pair", label: "all frames" },
];
const WAYS = [
  { name: "swap", label: "swap" },
  { name: "move", label: "move" },
];

/** @param {any} root @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps */
export function mountRepairPanel(root, deps) {
  const { store, commands } = deps;
  const sign = icon("sparkles");
  const title = el("h2", { id: "repair-title" });
  const close = el("button", { class: "ghost", testid: "repair-close", title: "Close (Esc)", aria: { label: "Close" }, on: { click: () => leave() } }, icon("x"));
  const where = el("p", { class: "dim num", testid: "repair-where" });
  const scopes = segment("Frames", "repair-scope", SCOPES, (scope) => commands.chooseRepair({ scope }));
  const parts = { move: movePart(deps), clean: cleanPart(deps) };
  root.append(el("header", {}, sign, title, close), scopes, where, parts.move, parts.clean, deletePart(deps));

  function leave() {
    commands.closeRepair();
    commands.focusStage();
  }
  root.addEventListener("keydown", (event) => {
    if (event.target.matches("[type=range]") && MOVES_SLIDER.has(event.key)) return event.stopPropagation();
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && event.target.matches("input, select")) root.querySelector(".repair-part:not([hidden]) .primary:not(:disabled)")?.click();
    else return;
    event.stopPropagation();
    event.preventDefault();
  });
  store.watch((state) => state.repair.open, (open) => {
    root.hidden = open === null;
    if (open === null) return;
    setText(title, TITLES[open][0]);
    setIcon(sign, TITLES[open][1]);
    for (const [name, part] of Object.entries(parts)) part.hidden = name !== open;
    requestAnimationFrame(() => root.querySelector("[data-first]:not([hidden] *)")?.focus());
  });
  store.watch(
    (state) => [state.repair.scope, state.playback.range, state.playback.drawn_idx, currentPair(state)],
    ([scope, range, , pair]) => {
      choose(scopes, scope);
      scopes.querySelector("[data-name=range]").disabled = !isSet(range);
      const words = pair ? `${pair.replace("/", " ")}, ${scopeWords(store.state)}` : "";
      setText(where, scope === "range" && !isSet(range) ? `${words}: no range is marked` : words);
      setText(scopes.querySelector("[data-name=range]"), isSet(range) ? rangeWords(range) : "range");
    },
  );
}

function movePart({ store, commands, keys }) {
  const target = el("select", { testid: "repair-target", aria: { label: "The other pair" }, attrs: { "data-first": "" }, on: { change: () => commands.chooseRepair({ target: target.value }) } });
  const swatch = el("i", { class: "swatch-dot" });
  const ways = segment("Way", "repair-way", WAYS, (way) => commands.chooseRepair({ way }));
  const prompts = toggle("prompts", "with prompts", "Move prompted and absent frames, too, with their prompts; otherwise they stay as they are", { store, commands });
  const approve = toggle("approve", "approve what moved", "Approved masks are kept by the next run", { store, commands });
  const words = el("span");
  const start = el("button", { class: "button primary wide-button", testid: "repair-move", on: { click: () => commands.moveChosen() } }, icon("arrow-left-right"), words);
  start.title = `Change the masks; one undo (${keys("undo")}) takes it back`;
  store.watch(
    (state) => [state.annotations.instances, state.annotations.regions, currentPair(state), state.repair],
    ([, , , repair]) => {
      const pairs = targetsOf(store.state);
      const shown = pairs.join();
      if (target.dataset.shown !== shown) {
        target.dataset.shown = shown;
        target.replaceChildren(...pairs.map((pair) => el("option", { value: pair, text: pair.replace("/", " ") })));
      }
      const chosen = targetOf(store.state);
      if (chosen) target.value = chosen;
      swatch.style.setProperty("--pair", chosen ? pairColour(store.state, chosen) : "transparent");
      choose(ways, repair.way);
      setText(words, repair.way === "swap" ? "Swap masks" : "Move masks");
      start.disabled = !chosen;
    },
  );
  return el("div", { class: "repair-part" }, el("label", { class: "repair-target" }, el("span", { text: "with" }), swatch, target), ways, el("div", { class: "repair-toggles" }, prompts, approve), el("div", { class: "row" }, start));
}

function cleanPart({ store, commands, keys }) {
  const steps = CLEANING_STEPS.map((step, at) => stepLine(step, { store, commands, first: at === 0 }));
  const change = el("p", { class: "num dim", testid: "repair-preview", attrs: { role: "status" } });
  const start = el("button", { class: "button primary wide-button", testid: "repair-clean", on: { click: () => commands.cleanChosen() } }, icon("sparkles"), el("span", { text: "Clean masks" }));
  start.title = `Change the masks; one undo (${keys("undo")}) takes it back`;
  const rule = el("button", { class: "toggle", testid: "repair-rule", on: { click: () => commands.setRule(rule.getAttribute("aria-pressed") !== "true") } }, "always, in runs and exports");
  const rule_words = el("small", { class: "dim", testid: "repair-rule-words" });
  store.watch(
    (state) => [state.repair.preview, state.repair.cleaning, state.annotations.masks[currentPair(state)]?.[state.playback.drawn_idx]],
    ([preview, cleaning, mask]) => {
      start.disabled = cleansNothing(cleaning);
      setText(change, previewWords(preview, cleaning, mask));
    },
  );
  store.watch((state) => state.repair.rule, (known) => {
    rule.disabled = !known;
    rule.setAttribute("aria-pressed", String(Boolean(known?.on)));
    rule.title = known?.on ? "Runs and exports clean this pair; press to stop that" : "From now on runs and exports clean this pair as set above; masks that are there stay";
    setText(rule_words, known?.on ? `Set: ${cleaningWords(known.cleaning)}.` : "");
  });
  return el("div", { class: "repair-part" }, ...steps, change, el("div", { class: "row" }, start), rule, rule_words);
}

function previewWords(preview, cleaning, mask) {
  if (!mask) return "No mask on this frame to preview.";
  if (cleansNothing(cleaning)) return "Choose what to clean; the frame shows it at once.";
  if (!preview) return "…";
  const by = preview.after - preview.before;
  return `${grouped(preview.before)} → ${grouped(preview.after)} px (${by > 0 ? "+" : by < 0 ? "−" : "±"}${grouped(Math.abs(by))})`;
}

/** A slider for the usual values, and a field for every value. */
function stepLine({ name, label, unit, low, high, most, title }, { store, commands, first }) {
  const change = (input) => () => Number.isFinite(input.valueAsNumber) && commands.chooseCleaning(name, Math.round(input.valueAsNumber));
  const slider = el("input", { type: "range", min: low, max: high, step: 1, testid: `clean-${name}-slider`, aria: { label: `${label}, ${unit}` } });
  const field = el("input", { type: "number", min: low < 0 ? -most : 0, max: most, step: 1, testid: `clean-${name}`, aria: { label: `${label}, ${unit}` }, attrs: first ? { "data-first": "" } : {} });
  slider.addEventListener("input", change(slider));
  field.addEventListener("input", change(field));
  store.watch((state) => state.repair.cleaning[name], (value) => {
    slider.value = value;
    if (field.valueAsNumber !== value) field.value = value;
  });
  return el("div", { class: "repair-step", title }, el("span", { text: label }), slider, field, el("small", { class: "dim", text: unit }));
}

/** Make what both parts share: masks that a person made or approved, and the way to delete. */
function deletePart({ store, commands, keys }) {
  const checked = toggle("checked", "clicked, approved, too", "Clean or delete masks that a person made or approved, too; otherwise they stay", { store, commands });
  const words = `Delete the masks of these frames; one undo takes it back (${keys("deleteRange")}: of the range, or of this frame)`;
  const remove = el("button", { class: "button", testid: "repair-delete", title: words, on: { click: () => commands.deleteChosen() } }, icon("trash-2"), "Delete masks", kbd(keys("deleteRange")));
  store.watch((state) => state.repair.open, (open) => (remove.hidden = open === "clean"));
  return el("footer", {}, checked, remove);
}

/** A choice that is on or off: a button, so that keys go on working after a press. */
function toggle(name, label, title, { store, commands }) {
  const button = el("button", { class: "toggle", testid: `repair-${name}`, title, on: { click: () => commands.chooseRepair({ [name]: !store.state.repair[name] }) } }, label);
  store.watch((state) => state.repair[name], (on) => button.setAttribute("aria-pressed", String(on)));
  return button;
}

function segment(label, testid, choices, run) {
  const button = ({ name, label: text }) => el("button", { testid: `${testid}-${name}`, text, attrs: { "data-name": name }, on: { click: () => run(name) } });
  return el("div", { class: "segment", attrs: { role: "group" }, aria: { label } }, ...choices.map(button));
}

function choose(group, name) {
  for (const button of group.children) button.setAttribute("aria-pressed", String(button.dataset.name === name));
}
