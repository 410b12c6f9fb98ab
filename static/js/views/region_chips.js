/** The regions of one instance: a chip for each pair, with what it holds. */

import { shade } from "../core/colour.js";
import { brief, counted } from "../core/format.js";
import { pairName } from "../core/pairs.js";
import { nameOf, othersOf, pairOfPerson } from "../core/people.js";
import { pairCounts } from "../core/selectors.js";
import { el, follow } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { State } from "../core/state.js" */

const STALE_WORDS = "some are older than the prompts or the model: propagate again";

/** @param {HTMLElement} root @param {{instance: any, state: State, commands: Commands}} deps */
export function showRegions(root, { instance, state, commands }) {
  follow(root, state.annotations.regions, {
    key: (region) => region.name,
    make: (region) => chip(instance.instance_id, region, commands),
    update: (element, region) => updateChip(element, region, { instance, state }),
  });
}

function chip(instance_id, { name }, commands) {
  const click = () => commands.selectPair(instance_id, name);
  return el("button", { class: "region", testid: "region-chip", on: { click } }, el("b"), el("small", { class: "num" }));
}

/** @param {any} node @param {import("../core/wire.js").Region} region @param {{instance: any, state: State}} shown */
function updateChip(node, { name, label, hidden }, { instance, state }) {
  const on = instance.instance_id === state.annotations.instance_id && name === state.annotations.region;
  const counts = pairCounts(state, pairName(instance.instance_id, name));
  const region_at = state.annotations.regions.findIndex((region) => region.name === name);
  node.firstElementChild.textContent = label.toLowerCase();
  node.dataset.stale = String(counts.stale);
  node.dataset.region = name;
  node.dataset.points = counts.points;
  node.dataset.masks = counts.masks;
  node.classList.toggle("on", on);
  node.classList.toggle("hidden-region", Boolean(hidden));
  node.setAttribute("aria-pressed", String(on));
  node.style.setProperty("--shade", shade(instance.colour, region_at));
  const others = othersOf(state.session).filter((person) => pairOfPerson(person) === pairName(instance.instance_id, name));
  showCounts(node, counts, { label, others: others.map(nameOf).join(", ") });
}

/** Diamonds are prompts and bars are masks, as on the timeline. */
function showCounts(node, { points, masks, stale }, { label, others }) {
  const shown = `${label} ${points} ${masks} ${stale} ${others}`;
  if (node.dataset.shown === shown) return;
  node.dataset.shown = shown;
  const small = node.querySelector("small");
  if (!points && !masks) small.replaceChildren("–");
  else small.replaceChildren(...part("of-prompts", points), ...part("of-masks", masks));
  const words = [counted(points, "prompt"), counted(masks, "mask"), stale && STALE_WORDS, others && `${others} works on it`];
  node.dataset.others = others;
  node.title = `${label}: ${words.filter(Boolean).join(", ")} (Tab: next region)`;
}

const part = (kind, count) => (count ? [el("i", { class: kind }), brief(count)] : []);
