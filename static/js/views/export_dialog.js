/** The export dialog: the format, its options, the masks to export, and earlier exports. */

import { exportWarnings } from "../core/export_warnings.js";
import { chosenFormat, exportStep, grouped, pairChoices, summary } from "../core/exports.js";
import { isSet, rangeWords } from "../core/range.js";
import { currentPair, lanes } from "../core/selectors.js";
import { line, mountDialog, radioRow, showChoice, showError } from "./dialog_frame.js";
import { el, follow, icon, setText } from "./dom.js";
import { exportList } from "./export_list.js";
import { exportOptions } from "./export_options.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const PAIRS = [
  { name: "all", label: "all" },
  { name: "current", label: "selected" },
  { name: "chosen", label: "ticked" },
];
const FRAMES = [
  { name: "all", label: "all" },
  { name: "range", label: "range" },
];

/** @param {any} root the dialog @param {{store: Store, commands: Commands}} deps */
export function mountExportDialog(root, deps) {
  const { store, commands } = deps;
  const formats = formatList(deps);
  const what = whatLines(deps);
  const options = exportOptions(deps);
  const found = el("span", { class: "num summary", testid: "export-summary", attrs: { role: "status" } });
  const error = el("p", { class: "form-error", testid: "export-error", attrs: { role: "alert" } });
  const start = el("button", { class: "button primary", testid: "export-start", text: "Export" });
  const report = el("button", { class: "button", type: "button", testid: "open-report", title: "Coverage, what looks wrong and who did what, as one page to save or print", on: { click: () => commands.openReport() } }, icon("info"), "Report");
  const warnings = el("ul", { class: "export-warnings", testid: "export-warnings" });
  const reset = el("button", { class: "more", type: "button", testid: "export-reset", title: "Reset the options of this format" }, icon("rotate-ccw"), "reset");
  const heading = el("h2", { id: "export-format-title" }, el("span"), reset);
  const columns = el("div", { class: "columns" }, formats.root, el("div", { class: "column" }, what.root, heading, options.root));
  mountDialog(root, {
    ...deps,
    name: "export",
    title: "Export",
    sign: "download",
    body: [columns, el("div", { attrs: { role: "status" } }, warnings), exportList(deps)],
    footer: [found, error, report, start],
    submit: () => commands.goOnExporting(),
    opened: () => formats.focus(),
  });
  reset.addEventListener("click", () => commands.resetOptions(formatOf(store.state).name));

  store.watch(
    (state) => [state.exchange.formats, state.view.wishes],
    ([listed, wishes]) => {
      const format = formatOf(store.state);
      start.disabled = !format;
      heading.hidden = !format?.options.length;
      options.root.hidden = heading.hidden;
      if (!format) return;
      formats.show(listed.exporters, format);
      options.show(format, wishes);
      setText(heading.firstElementChild, format.label);
      reset.hidden = !wishes.options[format.name];
    },
  );
  store.watch(
    (state) => [state.view.dialog === "export", state.exchange.exporting, state.view.wishes, state.annotations.masks, state.playback.range, currentPair(state), state.video.open, state.jobs.by_id],
    ([open, exporting]) => {
      const { state } = store;
      if (!open || !state.video.open) return;
      setText(found, summary(state, state.view.wishes, currentPair(state)));
      showWarnings(warnings, exportWarnings(state, state.view.wishes, currentPair(state)));
      const step = exportStep(state);
      setText(start, STEPS[step]);
      start.setAttribute("aria-busy", String(step === "making"));
      start.disabled = exporting.busy || !state.exchange.formats;
    },
  );
  store.watch(
    (state) => state.exchange.exporting.error,
    (refusal) => {
      const placed = [what.fail(refusal), options.fail(refusal)].includes(true);
      error.hidden = !refusal || placed;
      error.textContent = refusal ? `${refusal.message} ${refusal.hint}` : "";
      if (placed) root.querySelector(".form-error:not([hidden])").scrollIntoView({ block: "nearest" });
    },
  );
}

const STEPS = { export: "Export", making: "Exporting…", download: "Download" };

function showWarnings(root, words) {
  root.hidden = !words.length;
  follow(root, words, {
    key: (text) => text,
    make: (text) => el("li", {}, icon("triangle-alert"), text),
    update: () => {},
  });
}

const formatOf = ({ exchange: { formats }, view }) => (formats ? chosenFormat(formats.exporters, view.wishes) : null);

/** The formats under their headings, a radio each: arrows go through them, a letter goes to the next that begins with it. */
function formatList({ commands }) {
  const root = el("div", { class: "column formats", testid: "formats", attrs: { role: "radiogroup" }, aria: { label: "Format" } });
  const make = ({ name, label, purpose }) => {
    const input = el("input", { type: "radio", name: "format", value: name, testid: `format-${name}`, on: { change: () => commands.chooseFormat(name) } });
    return el("label", { class: "format" }, input, el("span", {}, el("b", { text: label }), el("small", { text: purpose })));
  };
  const draw = (formats) =>
    follow(root, grouped(formats), {
      key: ({ group }) => group,
      make: ({ group, formats: own }) => el("section", {}, el("h2", { text: group }), ...own.map(make)),
      update: () => {},
    });
  const focus = () => root.querySelector("input:checked")?.focus();
  root.addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => !(ctrlKey || altKey || metaKey) && goToLetter(root, key));
  const show = (formats, { name }) => {
    const first = !root.childElementCount;
    draw(formats);
    root.querySelector(`input[value="${CSS.escape(name)}"]`).checked = true;
    if (first) focus();
  };
  return { root, show, focus };
}

/** Choose the next format whose name begins with a letter. @param {any} root @param {string} key */
function goToLetter(root, key) {
  const inputs = [...root.querySelectorAll("input")];
  const at = inputs.findIndex((input) => input.checked);
  const next = [...inputs.slice(at + 1), ...inputs.slice(0, at)].find((input) => input.nextElementSibling.textContent.toLowerCase().startsWith(key.toLowerCase()));
  if (key.length === 1 && next) (next.focus(), next.click());
}

/** The choice of pairs, frames and masks. */
function whatLines({ store, commands }) {
  const pairs = radioRow({ label: "Pairs", testid: "export-pairs", choices: PAIRS, choose: (name) => commands.reachExport({ pairs: name }) });
  const ticks = el("div", { class: "ticks", testid: "export-ticks", attrs: { role: "group" }, aria: { label: "Pairs to export" } });
  const frames = radioRow({ label: "Frames", testid: "export-frames", choices: FRAMES, choose: (name) => commands.reachExport({ frames: name }) });
  const approved = check("export-approved", "approved masks only", (on) => commands.wishExport({ approved_only: on }));
  const stale = check("export-stale", "stale masks, too", (on) => commands.wishExport({ stale: on ? "keep" : "leave_out" }));
  const lines = {
    pairs: line("Pairs", "export-pairs", pairs, ticks),
    frames: line("Frames", "export-frames", frames),
    approved_only: line("Masks", "export-approved", approved),
    stale: line("", "export-stale", stale),
  };
  const range = frames.querySelector("[value=range]").nextElementSibling;
  store.watch(
    (state) => [state.exchange.exporting, state.playback.range, state.view.wishes],
    ([reach, marks, wishes]) => {
      showChoice(pairs, reach.pairs);
      showChoice(frames, reach.frames, isSet(marks) || reach.frames === "range" ? [] : ["range"]);
      setText(range, isSet(marks) ? `range ${rangeWords(marks)}` : "range (none marked)");
      ticks.hidden = reach.pairs !== "chosen";
      approved.firstElementChild.checked = wishes.approved_only;
      stale.firstElementChild.checked = wishes.stale === "keep";
    },
  );
  store.watch(
    (state) => [state.view.dialog === "export" && lanes(state), state.exchange.exporting],
    ([all, reach]) => all && showTicks(ticks, pairChoices(all), reach.chosen, commands),
  );
  const fail = (error) => {
    for (const [field, node] of Object.entries(lines)) showError(node, error?.field === field ? error : null);
    return error !== null && error.field in lines;
  };
  return { root: el("div", { class: "lines" }, ...Object.values(lines)), fail };
}

function check(testid, label, choose) {
  return el("label", { class: "check" }, el("input", { type: "checkbox", testid, on: { change: ({ target }) => choose(target.checked) } }), label);
}

function showTicks(root, pairs, chosen, commands) {
  const tick = (pair, on) => commands.reachExport({ chosen: on ? [...chosen, pair] : chosen.filter((other) => other !== pair) });
  follow(root, pairs, {
    key: ({ pair }) => pair,
    make: ({ label, colour }) => {
      const dot = el("i", { class: "swatch-dot" });
      dot.style.setProperty("--pair", colour);
      return el("label", { class: "check", testid: "export-tick" }, el("input", { type: "checkbox" }), dot, el("span", { text: label }), el("small", { class: "num dim" }));
    },
    update: (node, { pair, masks }) => {
      const input = node.firstElementChild;
      input.checked = chosen.includes(pair);
      input.onchange = () => tick(pair, input.checked);
      setText(node.lastElementChild, String(masks));
    },
  });
}
