/** The right panel's list: instances, their regions, what each pair holds. */

import { shade } from "../core/colour.js";
import { brief, counted } from "../core/format.js";
import { pairName } from "../core/pairs.js";
import { pairCounts } from "../core/selectors.js";
import { byId, el, follow, icon, setIcon, setText } from "./dom.js";
import { renameInPlace } from "./rename.js";

/** @param {HTMLElement} root @param {{store: any, commands: any}} deps */
export function mountInstancePanel(root, { store, commands }) {
  const list = byId("instances");
  const empty = byId("instances-empty");
  store.watch(
    (state) => [
      state.instances,
      state.regions,
      state.instance_id,
      state.region,
      state.prompts,
      state.masks,
      state.video,
    ],
    () => {
      const { state } = store;
      byId("add-instance").disabled = !state.video;
      empty.hidden = state.instances.length > 0;
      setText(empty, state.video ? "The first click makes the first instance." : "Open a video first.");
      follow(list, state.instances, {
        key: (instance) => instance.instance_id,
        make: (instance) => card(instance, { commands, store }),
        update: (node, instance) => update(node, instance, { state, commands }),
      });
    },
  );
  store.watch(
    (state) => [state.instance_id, state.region],
    () => list.querySelector(".region.on")?.closest(".instance").scrollIntoView({ block: "nearest" }),
  );
}

function card({ instance_id }, { commands, store }) {
  const find = () => store.state.instances.find((one) => one.instance_id === instance_id);
  const name = el("button", { class: "instance-name", testid: "instance-name" });
  const rename = () =>
    renameInPlace(name, {
      value: find().name,
      label: "Name of the instance",
      testid: "instance-rename",
      commit: (text) => commands.renameInstance(instance_id, text),
    });
  name.addEventListener("click", () => commands.selectPair(instance_id, null));
  name.addEventListener("dblclick", rename);
  const buttons = [
    ghost("pencil", "Rename (double click)", "instance-edit", rename),
    ghost("eye", "Hide", "instance-hide", () => commands.hideInstance(instance_id, !find().hidden)),
    ghost("trash-2", "Delete", "instance-delete", () => commands.deleteInstance(instance_id)),
  ];
  const header = el("header", {}, swatch(instance_id, commands), name, ...buttons);
  return el("li", { class: "instance", testid: "instance-row" }, header, el("div", { class: "regions" }));
}

function swatch(instance_id, commands) {
  return el("input", {
    type: "color",
    class: "swatch",
    title: "Colour",
    testid: "instance-colour",
    attrs: { "data-says": "Colour of" },
    on: { change: (event) => commands.recolourInstance(instance_id, event.target.value) },
  });
}

function ghost(name, title, testid, click) {
  const says = title.replace(/ \(.*/, "");
  const props = { class: "ghost", title, testid, attrs: { "data-says": says }, on: { click } };
  return el("button", props, icon(name));
}

function update(node, instance, { state, commands }) {
  const { instance_id, hidden, colour } = instance;
  const active = instance_id === state.instance_id;
  node.classList.toggle("on", active);
  node.classList.toggle("hidden-instance", hidden);
  node.dataset.instanceId = instance_id;
  node.style.setProperty("--pair", colour);
  const name = node.querySelector(".instance-name");
  if (name) showName(name, instance, active);
  node.querySelector(".swatch").value = colour;
  const eye = node.querySelector("[data-testid=instance-hide]");
  setIcon(eye.firstElementChild, hidden ? "eye-off" : "eye");
  eye.title = hidden ? "Show" : "Hide";
  eye.setAttribute("aria-pressed", String(hidden));
  const named = `${instance_id} ${instance.name}`;
  for (const control of node.querySelectorAll("header [data-says]")) {
    control.setAttribute("aria-label", `${control.dataset.says} ${named}`);
  }
  follow(node.querySelector(".regions"), state.regions, {
    key: (region) => region.name,
    make: (region) => chip(instance_id, region, commands),
    update: (element, region) => updateChip(element, region, { instance, state }),
  });
}

function showName(button, { instance_id, name }, active) {
  button.setAttribute("aria-pressed", String(active));
  button.title = `${name}: select (${instance_id <= 9 ? instance_id : "click"}), double click renames`;
  if (button.dataset.shown === name) return;
  button.dataset.shown = name;
  button.replaceChildren(el("span", { class: "instance-number", text: String(instance_id) }), ` ${name}`);
}

function chip(instance_id, { name, label }, commands) {
  return el(
    "button",
    {
      class: "region",
      testid: "region-chip",
      on: { click: () => commands.selectPair(instance_id, name) },
    },
    el("b", { text: label.toLowerCase() }),
    el("small", { class: "num" }),
  );
}

function updateChip(node, { name, label }, { instance, state }) {
  const on = instance.instance_id === state.instance_id && name === state.region;
  const counts = pairCounts(state, pairName(instance.instance_id, name));
  node.dataset.stale = String(counts.stale);
  const region_at = state.regions.findIndex((one) => one.name === name);
  node.dataset.region = name;
  node.dataset.points = counts.points;
  node.dataset.masks = counts.masks;
  node.classList.toggle("on", on);
  node.setAttribute("aria-pressed", String(on));
  node.style.setProperty("--shade", shade(instance.colour, region_at));
  showCounts(node, counts, label);
}

/** Diamonds are prompts and bars are masks, as on the timeline. */
function showCounts(node, { points, masks, stale }, label) {
  const shown = `${points} ${masks} ${stale}`;
  if (node.dataset.shown === shown) return;
  node.dataset.shown = shown;
  const small = node.querySelector("small");
  if (!points && !masks) small.replaceChildren("–");
  else small.replaceChildren(...part("of-prompts", points), ...part("of-masks", masks));
  const words = [counted(points, "prompt"), counted(masks, "mask"), stale && STALE_WORDS];
  node.title = `${label}: ${words.filter(Boolean).join(", ")} (Tab: next region)`;
}

const STALE_WORDS = "some from before the prompts changed: propagate again";

const part = (kind, count) => (count ? [el("i", { class: kind }), brief(count)] : []);
