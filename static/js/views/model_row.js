/** One model to choose: its size and speed, the progress of its download, and the button that stops it. */

import { el, icon, setIcon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */

const ICONS = { selected: "circle-check", ready: "circle-dashed", missing: "download", loading: "loader-circle", failed: "triangle-alert" };

/** @param {{name: string, label: string}} row @param {Commands} commands */
export function makeModelRow({ name, label }, commands) {
  const choose = { class: "model-choose", testid: "model-choice", on: { click: () => commands.chooseModel(name) } };
  const cancel = { class: "ghost", title: "Stop the download; it can go on later from there", testid: "model-cancel", aria: { label: `Stop ${label}` } };
  return el(
    "div",
    { class: "model-row" },
    el("button", choose, icon("circle-dashed"), el("span", {}, el("b", { text: label }), el("small", { class: "num" }), el("span", { class: "bar" }, el("i")))),
    el("button", { ...cancel, on: { click: () => commands.cancelModel(name) } }, icon("x")),
  );
}

/** @param {any} node @param {any} row see core/model_rows.js */
export function updateModelRow(node, { name, label, state, note, why, share, demo }) {
  node.dataset.state = state;
  node.dataset.model = name;
  const [choose, cancel] = node.children;
  setIcon(choose.firstElementChild, ICONS[state] ?? "circle-dashed");
  choose.setAttribute("aria-pressed", String(state === "selected"));
  choose.title = [name, why].filter(Boolean).join("\n");
  setText(choose.querySelector("b"), label);
  const warning = demo ? "for trying the program, not for real footage" : "";
  setText(choose.querySelector("small"), [note, warning].filter(Boolean).join(" · "));
  const bar = choose.querySelector(".bar");
  bar.hidden = share === null;
  bar.firstElementChild.style.width = `${share ?? 0}%`;
  cancel.hidden = share === null || share >= 100;
}
