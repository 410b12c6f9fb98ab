/** The pill of the model in use, and the menu of all models beside it. */

import { modelRows } from "../core/model_rows.js";
import { byId, el, follow, icon, setText } from "./dom.js";
import { makeModelRow, updateModelRow } from "./model_row.js";
import { makePopover } from "./popover.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const WORDS = [
  "Prompts and masks stay. The new model draws the next mask. Masks of another model are stale until you propagate again or, on frames you clicked, until you click there again.",
  "Device, precision and threads are set when the server starts: --device, --precision, --torch-threads. `sam2-session doctor --speed` measures them.",
];

/** @param {{store: Store, commands: Commands}} deps */
export function mountModelMenu({ store, commands }) {
  const chip = byId("model");
  mountPill(chip, store);
  const list = el("div", { class: "models", attrs: { role: "group" }, aria: { label: "Models" } });
  const menu = makePopover({
    label: "Models",
    testid: "model-menu",
    class: "menu model-menu",
    fill: (panel) => panel.childElementCount || panel.append(el("h3", { text: "Model" }), list, ...WORDS.map((text) => el("p", { class: "menu-note", text }))),
  });
  chip.addEventListener("click", () => {
    if (!menu.isOpen()) commands.readModel();
    menu.toggle(chip);
  });
  store.watch(
    (state) => [state.session.models, state.jobs.by_id],
    ([models, jobs]) =>
      follow(list, modelRows(models, jobs), {
        key: (row) => row.name,
        make: (row) => makeModelRow(row, commands),
        update: updateModelRow,
      }),
  );
}

function mountPill(chip, store) {
  const text = el("span");
  const badge = el("b", { class: "badge", text: "demo weights" });
  chip.append(icon("cpu"), text, badge);
  store.watch(
    (state) => [state.session.model, isLoading(state)],
    ([model, loading]) => {
      chip.hidden = !model && !loading;
      if (chip.hidden) return;
      setText(text, [model?.name, model?.device, model?.precision].filter(Boolean).join(" · "));
      const failed = model?.state === "failed";
      chip.dataset.state = loading ? "loading" : (model?.state ?? "selected");
      badge.hidden = !model?.demo && !failed && !loading;
      setText(badge, loading ? "loading a model" : failed ? "not loaded" : "demo weights");
      chip.title = titleOf(model ?? {});
    },
  );
}

const isLoading = ({ session, jobs }) => modelRows(session.models, jobs.by_id).some(({ state }) => state === "loading");

function titleOf({ demo, state, error }) {
  if (state === "failed") return [error?.message, error?.hint].filter(Boolean).join("\n");
  if (demo) return "A tiny model for trying the program: choose a full one for real footage";
  return "Model, device and precision: choose another";
}
