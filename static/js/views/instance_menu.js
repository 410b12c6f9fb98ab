/** The menu of an instance and its selected region. */

import { pairCounts } from "../core/selectors.js";
import { pairName } from "../core/pairs.js";
import { titleOf } from "../core/instance_names.js";
import { el } from "./dom.js";
import { makeMenu } from "./menu.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

// The colours new instances get, which colour-blind people tell apart.
const COLOURS = [
  "#f2a33a", "#58b7f0", "#c83063", "#7359db", "#ade1ac", "#af7ba9", "#f75d5c", "#5f8bea",
  "#a947a3", "#f2cf24", "#49ebf0", "#a6bf80", "#709517", "#cc96c6", "#dd848f", "#747b23",
];

/**
 * Make the one menu of actions for all cards.
 * @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps
 * @returns {(beside: Element, acts: {instance_id: number, rename: () => void, chooseClass: () => void}) => void}
 */
export function makeInstanceMenu({ store, commands, keys }) {
  const menu = makeMenu({ label: "Instance", testid: "instance-actions" });
  return (beside, { instance_id, rename, chooseClass }) => {
    const { state } = store;
    const instance = state.annotations.instances.find((listed) => listed.instance_id === instance_id);
    if (!instance) return;
    const { locked } = instance;
    menu.open(beside, [
      { title: titleOf(instance) },
      { node: colours(instance, (colour) => (menu.close(), commands.recolourInstance(instance_id, colour))) },
      item("Rename", "pencil", "instance-edit", rename, { note: "Or double click on the name" }),
      item(instance.class_name ? "Change class" : "Give it a class", "tag", "instance-class-item", chooseClass, { key: keys("chooseClass"), note: "Say: needle driver. Exports can use it as category" }),
      item(locked ? "Unlock" : "Lock", locked ? "lock-open" : "lock", "instance-lock-item", () => commands.lockInstance(instance_id, !locked), { key: keys("toggleLock") }),
      item(state.annotations.solo === instance_id ? "Show all instances" : "Show only this one", "focus", "instance-solo", () => commands.soloInstance(instance_id), { key: keys("toggleSolo") }),
      ...pairItems({ state, commands, keys, instance, region: state.annotations.region }),
      "line",
      item("Trash…", "trash-2", "instance-trash", commands.showTrash, { key: keys("showTrash"), note: "What was deleted, to bring it back" }),
      item("Delete instance", "trash-2", "instance-delete", () => commands.deleteInstance(instance_id), { danger: true, disabled: locked, note: locked ? "Unlock it first" : "Can be undone" }),
    ]);
  };
}

const item = (label, icon, testid, run, more = {}) => ({ label, icon, testid, run, ...more });

/** Items for the selected region on the frame on screen. @returns {import("./menu.js").MenuItem[]} */
function pairItems({ state, commands, keys, instance, region }) {
  if (region === null) return [];
  const { instance_id, locked } = instance;
  const pair = pairName(instance_id, region);
  const key = { video_id: state.video.open.video_id, instance_id, region };
  const absent = state.annotations.masks[pair]?.[state.playback.drawn_idx]?.absent;
  const dropped = pairCounts(state, pair).masks - Object.keys(state.annotations.prompts[pair] ?? {}).length;
  const on = (run) => () => {
    commands.selectPair(instance_id, region);
    run();
  };
  return [
    "line",
    { title: `${region}, frame ${state.playback.drawn_idx}` },
    item("Copy prompts", "copy", "prompts-copy", on(commands.copyPrompts), { key: keys("copyPrompts"), disabled: !state.annotations.prompts[pair]?.[state.playback.drawn_idx] }),
    item("Paste prompts", "clipboard-paste", "prompts-paste", on(commands.pastePrompts), { key: keys("pastePrompts"), disabled: !state.annotations.clipboard || locked }),
    item(absent ? "No longer absent" : "Not here: mark absent", "ban", "absent-item", on(commands.toggleAbsent), { key: keys("toggleAbsent"), disabled: locked, note: "An empty mask that runs keep" }),
    item("Swap or move masks…", "arrow-left-right", "move-item", on(() => commands.showRepair("move")), { key: keys("showMove"), disabled: locked }),
    item("Clean masks…", "sparkles", "clean-item", on(() => commands.showRepair("clean")), { key: keys("showClean"), disabled: locked }),
    item("Copy the mask to the next frame", "step-forward", "mask-copy", on(commands.copyMaskOn), { key: keys("copyMaskOn"), disabled: locked || !state.annotations.masks[pair]?.[state.playback.drawn_idx] }),
    item(`Drop ${region}'s propagated masks`, "eraser", "masks-drop", () => commands.dropMasks(key), { disabled: dropped <= 0 || locked, note: "All frames; clicked and approved masks stay; can be undone" }),
  ];
}

function colours({ colour }, choose) {
  const button = (shade) =>
    el("button", {
      class: "colour-choice",
      testid: "colour-choice",
      title: shade,
      attrs: { role: "menuitemradio", tabindex: "-1" },
      aria: { checked: String(shade === colour), label: `Colour ${shade}` },
      on: { click: () => choose(shade) },
    });
  const buttons = COLOURS.map(button);
  buttons.forEach((choice, at) => choice.style.setProperty("--choice", COLOURS[at]));
  return el("div", { class: "colour-row", attrs: { role: "group" }, aria: { label: "Colour" } }, ...buttons, ownColour(colour, choose));
}

/** The last choice opens the browser's colour field, which screen readers skip: a menu holds items only. */
function ownColour(colour, choose) {
  const field = el("input", {
    type: "color",
    class: "colour-field",
    testid: "instance-colour",
    attrs: { tabindex: "-1" },
    aria: { hidden: "true" },
    value: colour,
    on: { change: (event) => choose(event.target.value) },
  });
  const open = {
    class: "colour-own",
    title: "Another colour",
    testid: "instance-colour-open",
    attrs: { role: "menuitem", tabindex: "-1" },
    aria: { label: "Another colour" },
    on: { click: () => field.showPicker() },
  };
  const button = el("button", open);
  button.style.setProperty("--choice", colour);
  return el("span", { class: "colour-own-place" }, field, button);
}
