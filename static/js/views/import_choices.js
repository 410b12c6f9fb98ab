/** Choices the file leaves open: task, annotator, frame offset, the meaning of masks and points. */

import { offsetWords } from "../core/imports.js";
import { line, radioRow, showChoice } from "./dialog_frame.js";
import { el, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const MASKS = [
  { name: "imported", label: "masks", title: "Like those of a run: a new run may replace them" },
  { name: "prompts", label: "prompts", title: "Like masks drawn by hand: runs start from them" },
];
const EXISTING = [
  { name: "keep", label: "keep", title: "Frames with your prompts, and approved masks, stay as they are" },
  { name: "replace", label: "replace", title: "The file replaces them; each frame can be undone" },
];
const PREDICTIONS = [
  { name: "leave_out", label: "leave out", title: "Read only what people annotated" },
  { name: "take", label: "take", title: "Read a model's results, too, where nobody has annotated; check them" },
];
const NEGATIVE = "negative, neg, background, bg, -";

/** @param {{store: Store, commands: Commands}} deps @returns {HTMLElement} */
export function importChoices({ store, commands }) {
  const choose = commands.chooseForImport;
  const task = candidates("Task", "task", (value) => choose({ task: value, annotator: null, mapping: {} }));
  const annotator = candidates("Annotator", "annotator", (value) => choose({ annotator: value, mapping: {} }));
  const offset = el("input", { type: "number", step: "1", id: "import-offset", testid: "import-offset", class: "short", aria: { label: "Added to the numbers in the file" }, on: { change: ({ target }) => choose({ frame_offset: target.value.trim() === "" ? null : Math.round(Number(target.value)) }) } });
  const example = el("small", { class: "num dim", testid: "import-offset-example" });
  const frames = line("Frame offset", "import-offset", offset, example);
  const masks = radioRow({ label: "Masks become", testid: "import-masks", choices: MASKS, choose: (masks_as) => choose({ masks_as }) });
  const masksNote = el("small", { class: "dim" });
  const masksLine = line("Masks become", "import-masks", masks, masksNote);
  const existing = radioRow({ label: "Existing work", testid: "import-existing", choices: EXISTING, choose: (name) => choose({ existing: name }) });
  const existingNote = el("small", { class: "dim" });
  const predictions = radioRow({ label: "Predictions", testid: "import-predictions", choices: PREDICTIONS, choose: (name) => choose({ predictions: name }) });
  const predictionsNote = el("small", { class: "dim" });
  const predictionsLine = line("Predictions", "import-predictions", predictions, predictionsNote);
  const negative = el("input", { type: "text", testid: "import-negative", placeholder: NEGATIVE, aria: { label: "Labels of negative points" }, on: { change: ({ target }) => choose({ negative_labels: target.value.trim() === "" ? null : target.value }) } });
  const negativeLine = line("Negative labels", "import-negative", negative, el("small", { class: "dim", text: "Points with these labels are negative; separate labels by commas." }));
  const root = el("div", { class: "lines" }, task.node, annotator.node, frames, masksLine, line("Existing work", "import-existing", existing, existingNote), predictionsLine, negativeLine);
  store.watch(
    (state) => state.exchange.importing,
    (importing) => {
      if (!importing?.report) return;
      const { report, choices } = importing;
      task.show(report.tasks, choices.task, report.needs === "task");
      annotator.show(report.annotators, choices.annotator, report.needs === "annotator");
      frames.hidden = report.needs !== null && report.needs !== "frame_offset";
      frames.classList.toggle("needed", report.needs === "frame_offset");
      if (document.activeElement !== offset) offset.value = String(choices.frame_offset ?? report.frame_offset ?? (report.needs ? "" : 0));
      setText(example, offsetWords(report));
      masksLine.hidden = !report.counts.masks;
      showChoice(masks, choices.masks_as);
      showChoice(existing, choices.existing);
      setText(masksNote, wordsOf(MASKS, choices.masks_as));
      setText(existingNote, wordsOf(EXISTING, choices.existing));
      predictionsLine.hidden = choices.predictions === "leave_out" && !report.notes.some(({ why }) => why.startsWith("Predictions"));
      showChoice(predictions, choices.predictions);
      setText(predictionsNote, wordsOf(PREDICTIONS, choices.predictions));
      negativeLine.hidden = report.format !== "label_studio" || (!report.counts.points && choices.negative_labels === null);
      if (document.activeElement !== negative) negative.value = choices.negative_labels ?? "";
    },
  );
  return root;
}

const wordsOf = (choices, name) => `${choices.find((choice) => choice.name === name).title}.`;

/** A choice that only a file with several of them asks for. */
function candidates(label, name, choose) {
  const select = el("select", { testid: `import-${name}`, aria: { label }, on: { change: ({ target }) => choose(target.value === "" ? null : target.value) } });
  const node = line(label, `import-${name}`, select);
  node.hidden = true;
  let shown = "";
  function show(list, chosen, is_needed) {
    node.hidden = list.length < 2;
    node.classList.toggle("needed", is_needed);
    const now = JSON.stringify([list, is_needed]);
    if (now !== shown) {
      const none = el("option", { value: "", text: is_needed ? `choose one of ${list.length}…` : "as found" });
      select.replaceChildren(none, ...list.map((candidate) => el("option", { value: candidate.value, text: candidate.label })));
      shown = now;
    }
    select.value = chosen ?? "";
  }
  return { node, show };
}
