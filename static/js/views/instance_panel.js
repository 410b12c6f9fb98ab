/** The right panel's list: instances, their regions, what each pair holds. */

import { inkOn, shortName, titleOf } from "../core/instance_names.js";
import { byId, el, follow, icon, setIcon, setText } from "./dom.js";
import { makeClassMenu } from "./class_menu.js";
import { makeInstanceMenu } from "./instance_menu.js";
import { showRegions } from "./region_chips.js";
import { renameInPlace } from "./rename.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */
/** @import { State } from "../core/state.js" */

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps */
export function mountInstancePanel(root, deps) {
  const { store } = deps;
  const list = byId("instances");
  const empty = byId("instances-empty");
  const openMenu = makeInstanceMenu(deps);
  const openClasses = makeClassMenu(deps);
  store.watch(
    (state) => [
      state.annotations.instances,
      state.annotations.regions,
      state.annotations.instance_id,
      state.annotations.region,
      state.annotations.prompts,
      state.annotations.masks,
      state.video.open,
      state.session.presence,
    ],
    () => {
      const { state } = store;
      byId("add-instance").disabled = !state.video.open;
      empty.hidden = state.annotations.instances.length > 0;
      setText(empty, state.video.open ? "The first click makes the first instance." : "Open a video first.");
      follow(list, state.annotations.instances, {
        key: (instance) => instance.instance_id,
        make: (instance) => card(instance, { ...deps, openMenu, openClasses }),
        update: (node, instance) => update(node, instance, { state, commands: deps.commands }),
      });
    },
  );
  store.watch(
    (state) => [state.annotations.instance_id, state.annotations.region],
    () => list.querySelector(".region.on")?.closest(".instance").scrollIntoView({ block: "nearest" }),
  );
}

function card({ instance_id }, { commands, store, keys, openMenu, openClasses }) {
  const find = () => store.state.annotations.instances.find((instance) => instance.instance_id === instance_id);
  const name = el("button", { class: "instance-name", testid: "instance-name" });
  const rename = () =>
    renameInPlace(name, {
      value: find().name,
      label: "Name of the instance",
      testid: "instance-rename",
      commit: (text) => commands.renameInstance(instance_id, text),
    });
  const select = () => commands.selectPair(instance_id, null);
  const number = el("button", { class: "instance-number", text: String(instance_id), on: { click: select } });
  name.addEventListener("click", select);
  name.addEventListener("dblclick", rename);
  const chooseClass = () => openClasses(buttons[2], instance_id);
  const class_name = el("button", { class: "instance-class", testid: "instance-class", attrs: { "data-key": keys("chooseClass") }, aria: { haspopup: "dialog" }, on: { click: chooseClass } });
  const showMenu = (beside) => openMenu(beside, { instance_id, rename, chooseClass });
  const buttons = [
    ghost("lock-open", "Lock", "instance-lock", () => commands.lockInstance(instance_id, !find().locked)),
    ghost("eye", "Hide", "instance-hide", () => commands.hideInstance(instance_id, !find().hidden_for_all)),
    ghost("ellipsis", "More", "instance-menu", (event) => showMenu(event.currentTarget)),
  ];
  buttons[2].setAttribute("aria-haspopup", "menu");
  const header = el("header", {}, number, name, class_name, ...buttons);
  const node = el("li", { class: "instance", testid: "instance-row" }, header, el("div", { class: "regions" }));
  node.addEventListener("contextmenu", (event) => {
    const chip = event.target.closest(".region");
    event.preventDefault();
    commands.selectPair(instance_id, chip?.dataset.region ?? null);
    showMenu(chip ?? buttons[2]);
  });
  return node;
}

function ghost(name, says, testid, click) {
  return el("button", { class: "ghost", testid, attrs: { "data-says": says }, on: { click } }, icon(name));
}

/** @param {any} node @param {import("../core/wire.js").Instance} instance @param {{state: State, commands: Commands}} deps */
function update(node, instance, { state, commands }) {
  const { instance_id, hidden, hidden_for_all, locked, colour } = instance;
  const active = instance_id === state.annotations.instance_id;
  node.classList.toggle("on", active);
  node.classList.toggle("hidden-instance", hidden);
  node.classList.toggle("locked-instance", locked);
  node.dataset.instanceId = instance_id;
  node.style.setProperty("--pair", colour);
  node.style.setProperty("--ink", inkOn(colour));
  const name = node.querySelector(".instance-name");
  if (name) showName(name, instance, active);
  showClass(node.querySelector(".instance-class"), instance);
  showState(node, "instance-hide", hidden_for_all, ["eye-off", "Show"], ["eye", "Hide"]);
  showState(node, "instance-lock", locked, ["lock", "Unlock"], ["lock-open", "Lock"]);
  for (const control of node.querySelectorAll("header [data-says]")) {
    const says = `${control.dataset.says} ${titleOf(instance)}`;
    control.setAttribute("aria-label", says);
    control.title = says;
  }
  const number = node.querySelector(".instance-number");
  number.title = number.ariaLabel = `Select ${titleOf(instance)}`;
  showRegions(node.querySelector(".regions"), { instance, state, commands });
}

function showState(node, testid, is_on, on, off) {
  const button = node.querySelector(`[data-testid=${testid}]`);
  const [name, says] = is_on ? on : off;
  setIcon(button.firstElementChild, name);
  button.dataset.says = says;
  button.setAttribute("aria-pressed", String(is_on));
}

function showClass(button, instance) {
  const { class_name } = instance;
  button.hidden = !class_name;
  setText(button, class_name ?? "");
  button.title = `Class of ${titleOf(instance)}: ${class_name} (${button.dataset.key})`;
}

function showName(button, instance, active) {
  button.setAttribute("aria-pressed", String(active));
  button.title = `${titleOf(instance)}: select (${instance.instance_id <= 9 ? instance.instance_id : "click"}), double click renames`;
  setText(button, shortName(instance));
}
