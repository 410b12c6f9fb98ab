/** Controls for the options of a format, built from the server's description of it. */

import { optionLabel, optionValues } from "../core/exports.js";
import { el } from "./dom.js";
import { line, showError } from "./dialog_frame.js";

/** @import { Commands } from "./page_commands.js" */

/** @param {{commands: Commands}} deps @returns {{root: any, show: (format: any, wishes: any) => void, fail: (error: any) => boolean}} */
export function exportOptions({ commands }) {
  const root = el("div", { class: "lines", testid: "export-options" });
  const rows = new Map();
  let shown = null;

  function draw(format) {
    shown = format.name;
    rows.clear();
    for (const option of format.options) rows.set(option.name, row(option, (value) => commands.chooseOption(format.name, option.name, value), commands.forgetRefusal));
    root.replaceChildren(...[...rows.values()].map(({ node }) => node));
  }

  function show(format, wishes) {
    if (format.name !== shown) draw(format);
    for (const [name, value] of Object.entries(optionValues(format, wishes))) rows.get(name).set(value);
  }

  /** @returns whether it is about one of these */
  function fail(error) {
    for (const [name, { node }] of rows) showError(node, error?.field === name ? error : null);
    return rows.has(error?.field);
  }

  return { root, show, fail };
}

function row(option, choose, forget) {
  const id = `option-${option.name}`;
  const input = control(option, id, choose, () => forget());
  const note = el("small", { class: "dim", id: `${id}-help`, text: option.help });
  const node = line("", id, input, note);
  node.firstElementChild.replaceWith(el("label", { class: "line-label", text: optionLabel(option.name), attrs: { for: id } }));
  const set = (value) => {
    if (document.activeElement === input && option.kind !== "bool") return; // it is being typed
    if (option.kind === "bool") input.checked = value;
    else input.value = String(value);
  };
  return { node, set };
}

/** @param {any} option @param {string} id @param {(value: any) => void} choose @param {() => void} forget what was refused: before the focus
 *   leaves, or the next press would miss what moves up into its place */
function control(option, id, choose, forget) {
  const { kind, choices, low, high } = option;
  const same = { id, testid: id, attrs: { "aria-describedby": `${id}-help` } };
  if (kind === "choice") {
    const all = choices.map((value) => el("option", { value: String(value), text: String(value) }));
    return el("select", { ...same, on: { change: ({ target }) => choose(choices[target.selectedIndex]) } }, ...all);
  }
  if (kind === "bool") return el("input", { ...same, type: "checkbox", on: { change: ({ target }) => choose(target.checked) } });
  if (kind === "colour") return el("input", { ...same, type: "color", on: { change: ({ target }) => choose(target.value) } });
  if (kind === "text") return el("input", { ...same, type: "text", maxLength: 500, on: { input: forget, change: ({ target }) => choose(target.value) } });
  const attrs = { ...same.attrs, step: kind === "int" ? "1" : "any", ...(low === null ? {} : { min: low }), ...(high === null ? {} : { max: high }) };
  return el("input", { ...same, type: "number", attrs, on: { input: forget, change: ({ target }) => choose(numberIn(target, option)) } });
}

/** The number typed, else the default; the server refuses one that is out of bounds. */
function numberIn(input, { kind, default: value }) {
  const found = Number(input.value);
  if (input.value.trim() === "" || !Number.isFinite(found)) return (input.value = String(value)), value;
  return kind === "int" ? Math.round(found) : found;
}
