/** The menu of regions (hide, rename, add, delete), and the button that shows all instances again. */

import { byId, el, follow, icon, kbd, setIcon, setText } from "./dom.js";
import { makePopover } from "./popover.js";
import { renameInPlace } from "./rename.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const WORDS = "Every instance of every video has these regions. Hidden ones are not drawn in this browser. Folders keep the first name.";

/** @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps */
export function mountRegionMenu({ store, commands, keys }) {
  const button = byId("regions-button");
  button.append(icon("layers"));
  const list = el("ul", { class: "region-list" });
  const form = addForm(commands);
  const props = { class: "button small", type: "button", testid: "rules-button", title: `Rules between regions (${keys("showRules")})`, attrs: { "aria-haspopup": "dialog" } };
  const rules = el("button", props, "Rules…", kbd(keys("showRules")));
  rules.addEventListener("click", () => {
    menu.close();
    commands.showRules();
  });
  const menu = makePopover({
    label: "Regions",
    testid: "region-menu",
    class: "menu region-menu",
    fill: (panel) => panel.childElementCount || panel.append(el("div", { class: "region-head" }, el("h3", { text: "Regions" }), rules), list, form, el("p", { class: "menu-note", text: WORDS })),
  });
  button.addEventListener("click", () => menu.toggle(button));
  store.watch((state) => state.video.open === null, (none) => (button.disabled = none));
  store.watch(
    (state) => state.annotations.regions,
    (regions) =>
      follow(list, regions, {
        key: (region) => region.name,
        make: (region) => line(region, { store, commands }),
        update,
      }),
  );
  mountShowAll({ store, commands });
}

/** Show a button that brings back the other instances, while they are left out. */
function mountShowAll({ store, commands }) {
  const all = byId("show-all");
  all.addEventListener("click", () => commands.soloInstance(store.state.annotations.solo));
  store.watch((state) => state.annotations.solo, (solo) => {
    all.hidden = solo === null;
    all.title = `Only instance ${solo} is shown here`;
  });
}

function line({ name }, { store, commands }) {
  const find = () => store.state.annotations.regions.find((region) => region.name === name);
  const label = el("button", { class: "region-label", title: "Rename" });
  const rename = () =>
    renameInPlace(label, {
      value: find().label,
      label: "Name of the region",
      testid: "region-rename",
      commit: (text) => commands.renameRegion(name, text),
    });
  label.addEventListener("click", rename);
  const hide = el("button", { class: "ghost", testid: "region-hide", on: { click: () => commands.hideRegion(name) } }, icon("eye"));
  const pencil = el("button", { class: "ghost", testid: "region-edit", title: "Rename", on: { click: rename } }, icon("pencil"));
  const remove = el("button", { class: "ghost", testid: "region-delete", title: "Delete, as long as no video uses it; can be undone", on: { click: () => commands.removeRegion(name) } }, icon("trash-2"));
  return el("li", { class: "region-line" }, label, pencil, hide, remove);
}

/** @param {any} node @param {import("../core/wire.js").Region} region */
function update(node, { name, label, hidden }) {
  const text = node.querySelector(".region-label");
  if (text) setText(text, label);
  node.dataset.region = name;
  node.classList.toggle("hidden-region", Boolean(hidden));
  const [pencil, hide, remove] = node.querySelectorAll(".ghost");
  pencil.setAttribute("aria-label", `Rename ${label}`);
  setIcon(hide.firstElementChild, hidden ? "eye-off" : "eye");
  hide.setAttribute("aria-pressed", String(Boolean(hidden)));
  hide.title = hidden ? "Show its masks" : "Hide its masks here";
  hide.setAttribute("aria-label", `Hide ${label}`);
  remove.setAttribute("aria-label", `Delete ${label}`);
}

function addForm(commands) {
  const field = el("input", { testid: "region-new", placeholder: "New region, say: left jaw", maxLength: 80, required: true, aria: { label: "Name of a new region" }, attrs: { autocomplete: "off" } });
  const form = el("form", { class: "region-add" }, field, el("button", { class: "button small", testid: "region-add" }, icon("plus"), "Add"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const label = field.value.trim();
    field.value = "";
    if (label) await commands.makeRegion(label);
  });
  return form;
}
