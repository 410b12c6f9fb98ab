/** The part of the runs dialog about rebuilds: start one by another model, and compare what it made. */

import { readyModels, rebuildFacts, rebuildTitle } from "../core/rebuilds.js";
import { line } from "./dialog_frame.js";
import { el, follow, icon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Rebuild } from "../core/slices/run_history.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands}} deps @returns {any[]} for the body of the dialog */
export function rebuildRows({ store, commands }) {
  const models = el("select", { testid: "rebuild-model", aria: { label: "Model" } });
  const about = "Makes all masks again from the saved prompts, beside those of now; nothing changes before you take them";
  const start = el("button", { class: "button small", type: "button", testid: "rebuild-start", title: about, on: { click: () => commands.startRebuild(models.value) } }, icon("refresh-cw"), "Rebuild");
  const list = el("ul", { class: "export-rows trash-rows", testid: "rebuilds-list" });
  store.watch(
    (state) => [state.session.models, state.run_history.rebuilds],
    ([known, rebuilds]) => {
      const names = readyModels(known);
      if (names.join() !== [...models.options].map(({ value }) => value).join()) models.replaceChildren(...names.map((name) => el("option", { value: name, text: name })));
      start.disabled = !names.length;
      follow(list, rebuilds ?? [], { key: ({ rebuild_id }) => rebuild_id, make: (rebuild) => row(rebuild, commands), update });
    },
  );
  return [line("Rebuild by", "rebuild-line", models, start), list];
}

/** @param {Rebuild} rebuild @param {Commands} commands */
function row({ rebuild_id }, commands) {
  const compare = { class: "button small", type: "button", testid: "rebuild-compare", title: "Show what it would add and remove; then take it or leave it", on: { click: () => commands.compareRebuild(rebuild_id) } };
  return el(
    "li",
    { class: "export-row run-row", testid: "rebuild-row" },
    el("span", { class: "export-what" }, el("b"), el("small", { class: "num dim" })),
    el("button", compare, icon("contrast"), "Compare"),
  );
}

/** @param {any} node @param {Rebuild} rebuild */
function update(node, rebuild) {
  setText(node.querySelector("b"), rebuildTitle(rebuild));
  setText(node.querySelector("small"), rebuildFacts(rebuild));
}
