/** The pill of the model in use, and the menu of all models beside it. */

import { modelRows } from "../core/model_rows.js";
import { byId, el, follow, icon, setIcon, setText } from "./dom.js";
import { makePopover } from "./popover.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const WORDS = [
  "Prompts and masks stay. The new model draws the next mask. Masks of another model are stale until you propagate again or, on frames you clicked, until you click there again.",
  "Device and precision are set when the server starts: --device and --precision.",
];
const ICONS = { selected: "circle-check", ready: "circle-dashed", missing: "download", loading: "loader-circle", failed: "triangle-alert" };

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
        make: (row) => makeRow(row, commands),
        update: updateRow,
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

function makeRow({ name, label }, commands) {
  const choose = { class: "model-choose", testid: "model-choice", on: { click: () => commands.chooseModel(name) } };
  const cancel = { class: "ghost", title: "Stop the download; what came is kept", testid: "model-cancel", aria: { label: `Stop ${label}` } };
  return el(
    "div",
    { class: "model-row" },
    el("button", choose, icon("circle-dashed"), el("span", {}, el("b", { text: label }), el("small", { class: "num" }), el("span", { class: "bar" }, el("i")))),
    el("button", { ...cancel, on: { click: () => commands.cancelModel(name) } }, icon("x")),
  );
}

function updateRow(node, { name, label, state, note, share, demo }) {
  node.dataset.state = state;
  node.dataset.model = name;
  const [choose, cancel] = node.children;
  setIcon(choose.firstElementChild, ICONS[state] ?? "circle-dashed");
  choose.setAttribute("aria-pressed", String(state === "selected"));
  choose.title = name;
  setText(choose.querySelector("b"), label);
  const warning = demo ? "for trying the program, not for real footage" : "";
  setText(choose.querySelector("small"), [note, warning].filter(Boolean).join(" · "));
  const bar = choose.querySelector(".bar");
  bar.hidden = share === null;
  bar.firstElementChild.style.width = `${share ?? 0}%`;
  cancel.hidden = share === null || share >= 100;
}
