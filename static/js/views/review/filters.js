/** The bar of the review: numbers, filters, order and size of the cells. */

import { grouped } from "../../core/format.js";
import { instanceTitle } from "../../core/review/words.js";
import { numbersOf } from "../../core/review/cells.js";
import { CHOICES, pairChoices, SIZE } from "../../core/review/filters.js";
import { el, icon, kbd, setText } from "../dom.js";

/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */

const NUMBERS = [["cells", "cells"], ["approved", "approved"], ["rejected", "rejected"], ["waiting", "to look at"], ["missing", "without a mask"]];
const LABELS = { show: "Frames", state: "State", score: "Score", flag: "Flag", instance: "Instance", region: "Region", sort: "Order" };

/** Numbers on top: of all cells, whatever the filters show. @param {any} root @param {Store<ReviewState>} store */
export function mountNumbers(root, store) {
  const values = new Map(NUMBERS.map(([name, words]) => [name, el("b", { testid: `number-${name}`, title: words })]));
  root.append(...NUMBERS.map(([name, words]) => el("span", { class: `number number-${name} num` }, values.get(name), ` ${words}`)));
  const shown = el("span", { class: "number dim num", testid: "number-shown" });
  root.append(shown);
  store.watch(({ cells }) => cells, (cells) => {
    const numbers = numbersOf(cells.values());
    for (const [name, node] of values) setText(node, grouped(numbers[name]));
  });
  store.watch((state) => [state.shown, state.cells, state.selected], ([ids, cells, selected]) => {
    const words = [ids.length < cells.size && `${grouped(ids.length)} shown`, selected.size > 0 && `${grouped(selected.size)} selected`];
    setText(shown, words.filter(Boolean).join(", "));
  });
}

/** @param {any} root @param {{store: Store<ReviewState>, commands: any}} deps */
export function mountFilters(root, { store, commands }) {
  const chosen = (name) => (event) => commands.filter({ [name]: event.target.value });
  for (const name of Object.keys(LABELS)) root.append(select(name, { store, change: chosen(name) }));
  root.append(everyField({ store, commands }), sizeSlider({ store, commands }));
}

function select(name, { store, change }) {
  const box = el("select", { testid: `filter-${name}`, on: { change } });
  const choices = (state) => (name in CHOICES ? CHOICES[name] : pairNames(state)[name]);
  store.watch((state) => [state.cells, state.videos, state.loading], () => offer(box, choices(store.state), store.state.filters[name]));
  store.watch((state) => state.filters[name], (value) => (box.value = value));
  return el("label", { class: "filter" }, el("span", { class: "dim", text: LABELS[name] }), box);
}

/** The choices, kept as they are where nothing changed: an open list would close. */
function offer(box, choices, value) {
  const names = Object.keys(choices);
  const same = box.options.length === names.length && names.every((name, at) => box.options[at].value === name && box.options[at].text === choices[name]);
  if (!same) box.replaceChildren(...names.map((name) => el("option", { value: name, text: choices[name] })));
  box.value = value;
}

function pairNames({ cells, videos, filters }) {
  const { instances, regions } = pairChoices(cells.values());
  const of_ids = new Map(instances.map((instance_id) => [String(instance_id), instanceTitle(instance_id, videos)]));
  if (filters.instance !== "any" && !of_ids.has(filters.instance)) of_ids.set(filters.instance, filters.instance);
  const names = filters.region === "any" || regions.includes(filters.region) ? regions : [...regions, filters.region];
  return {
    instance: { any: "Any instance", ...Object.fromEntries(of_ids) },
    region: { any: "Any region", ...Object.fromEntries(names.map((name) => [name, name])) },
  };
}

function everyField({ store, commands }) {
  const box = el("input", {
    type: "number", min: "1", max: "100000", class: "every", testid: "filter-every",
    title: "Frames without remarks are listed only at multiples of this; prompted, flagged, rejected and unsure ones always are",
    on: { change: () => box.checkValidity() && box.value && commands.filter({ every: Number(box.value) }) },
  });
  const label = el("label", { class: "filter" }, el("span", { class: "dim", text: "Every" }), box, el("span", { class: "dim", text: "frames" }));
  store.watch(({ filters }) => filters.every, (every) => (box.value = every ? String(every) : ""));
  store.watch(({ batch_id }) => batch_id, (batch_id) => (label.hidden = batch_id !== null));
  return label;
}

function sizeSlider({ store, commands }) {
  const box = el("input", {
    type: "range", min: String(SIZE.min), max: String(SIZE.max), step: String(SIZE.step), testid: "cell-size", title: "Size of the cells",
    on: { input: () => commands.resize(Number(box.value)) },
  });
  store.watch(({ filters }) => filters.size, (size) => (box.value = String(size)));
  return el("label", { class: "filter" }, el("span", { class: "dim", text: "Size" }), box);
}

/** Buttons that do what the keys do. @param {any} root @param {{commands: any, keyOf: (command: string) => string}} deps */
export function mountActions(root, { commands, keyOf }) {
  const button = (command, sign, words, title) =>
    el("button", { class: "button small", testid: `review-${command}`, title: `${title} (${keyOf(command)})`, on: { click: () => commands[command]() } }, icon(sign), words, kbd(keyOf(command)));
  root.append(
    button("approve", "check", "Approve", "Approve the cell, or all selected ones; again: no longer"),
    button("askReason", "rotate-ccw", "Reject", "Reject, with a reason, to be made again; again: no longer"),
    button("openCell", "pencil", "Open", "Open the frame on the work page"),
    button("togglePlay", "play", "Play", "Play the frames around the cell"),
    button("selectAll", "layers", "Select all", "Select all cells that are shown"),
    button("undo", "undo-2", "Undo", "Take the last approval or rejection back"),
    button("renewOrder", "refresh-cw", "Sort again", "Filter and sort again"),
  );
}
