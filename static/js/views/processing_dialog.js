/** The dialog of "Process all": which items, and the export to make of each. */

import { numbersTyped, OF_THE_BATCH } from "../core/batches.js";
import { counted } from "../core/format.js";
import { line, mountDialog, radioRow, showChoice } from "./dialog_frame.js";
import { el, setText } from "./dom.js";
import { exportOptions } from "./export_options.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Batch } from "../core/wire.js" */
/** @import { Store } from "../core/store.js" */

const CHOICES = [
  { name: "annotated", label: "annotated" },
  { name: "failed", label: "failed" },
  { name: "rejected", label: "to redo" },
  { name: "numbers", label: "these:" },
];

/** @param {any} root the dialog @param {{store: Store, commands: Commands}} deps */
export function mountProcessingDialog(root, deps) {
  const { store, commands } = deps;
  let chosen = "annotated";
  const items = radioRow({ label: "Items", testid: "processing-items", choices: CHOICES, choose: (name) => ((chosen = name), show()) });
  const numbers = el("input", { type: "text", class: "batch-numbers", testid: "processing-numbers", placeholder: "1-5, 8", aria: { label: "Item numbers" }, attrs: { autocomplete: "off", spellcheck: "false" }, on: { input: () => ((chosen = "numbers"), show()) } });
  const format = el("select", { testid: "processing-format", aria: { label: "Export of each item" }, on: { change: () => show() } });
  const offset = el("input", { type: "number", testid: "processing-offset", aria: { label: "Number of the first frame" }, attrs: { min: "0", max: "10000000", step: "1" } });
  const background = el("input", { type: "color", testid: "processing-background", aria: { label: "Background" } });
  const options = exportOptions(deps);
  const lines = {
    items: line("Items", "processing-items", items, numbers),
    format: line("Export each", "processing-format", format),
    offset: line("First number", "processing-offset", offset, el("small", { class: "dim", text: "Of the batch's first frame; the numbers go on from item to item." })),
    background: line("Background", "processing-background", background),
  };
  const found = el("span", { class: "num summary", testid: "processing-summary", attrs: { role: "status" } });
  const error = el("p", { class: "form-error", testid: "processing-error", attrs: { role: "alert" } });
  const start = el("button", { class: "button primary", testid: "processing-start", text: "Process" });

  function submit() {
    if (start.disabled) return;
    const settings = { offset: Math.max(0, Math.round(Number(offset.value) || 0)), background: background.value };
    commands.processBatch({ items: chosen === "numbers" ? numbersTyped(numbers.value, store.state.batches.open.items.length) : chosen, format: format.value || null, settings });
  }

  mountDialog(root, {
    ...deps,
    name: "processing",
    title: "Process all",
    sign: "play",
    body: [el("div", { class: "batch-fields lines" }, ...Object.values(lines), options.root)],
    footer: [found, error, start],
    submit,
    opened: () => {
      const { settings } = store.state.batches.open;
      chosen = itemsIn(store.state.batches.open, "annotated") ? "annotated" : itemsIn(store.state.batches.open, "failed") ? "failed" : "annotated";
      offset.value = String(settings.offset);
      background.value = settings.background;
      show();
      start.focus();
    },
  });

  function show() {
    const { batches, exchange, view } = store.state;
    const batch = batches.open;
    if (!batch) return;
    const exporter = exchange.formats?.exporters.find(({ name }) => name === format.value);
    const all = exporter?.options ?? [];
    const own = all.filter(({ name }) => !OF_THE_BATCH.includes(name));
    showChoice(items, chosen, CHOICES.map(({ name }) => name).filter((name) => name !== "numbers" && !itemsIn(batch, name)));
    lines.offset.hidden = !exporter;
    lines.background.hidden = !all.some(({ name }) => name === "background");
    options.root.hidden = !own.length;
    if (exporter) options.show({ ...exporter, options: own }, view.wishes);
    const typed = chosen === "numbers" ? numbersTyped(numbers.value, batch.items.length) : [];
    const count = chosen === "numbers" ? (typed ?? []).length : itemsIn(batch, chosen);
    const none = chosen === "numbers" ? (typed ? "Type the numbers of items." : `Items count from 1 to ${batch.items.length}.`) : "No item is annotated yet.";
    setText(found, count ? `${counted(count, "item")}, one after another; clicks go first.` : none);
    start.disabled = batches.busy || !count;
    setText(start, batches.busy ? "Starting…" : "Process");
    const why = batches.error;
    error.hidden = !why;
    setText(error, why ? [why.message, why.hint].filter(Boolean).join(" ") : "");
  }

  store.watch((state) => state.exchange.formats, (formats) => fillFormats(format, formats));
  store.watch((state) => [state.view.dialog === "processing", state.batches, state.exchange.formats, state.view.wishes], ([open]) => open && show());
}

/** Return how many items a choice takes. @param {Batch} batch @param {string} name */
function itemsIn({ items, counts }, name) {
  if (name === "rejected") return items.filter(({ rejected }) => rejected !== null).length;
  return name === "failed" ? counts.failed : items.filter(({ state }) => state === "annotated" || state === "previewed").length;
}

function fillFormats(select, formats) {
  const chosen = select.value;
  const option = (value, text) => el("option", { value, text });
  select.replaceChildren(option("", "nothing"), ...(formats?.exporters ?? []).map(({ name, label }) => option(name, label)));
  select.value = chosen;
}
