/** The dialog that makes a batch: of a folder, or of the open video cut into segments. */

import { framesTyped } from "../core/batches.js";
import { counted } from "../core/format.js";
import { line, mountDialog, radioRow, showChoice } from "./dialog_frame.js";
import { el, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { State } from "../core/state.js" */
/** @import { Store } from "../core/store.js" */

const FRAMES = 300;
const SECONDS = 10;
const SOURCES = [
  { name: "folder", label: "a folder of videos" },
  { name: "cut", label: "the open video, cut" },
];
const RULES = [
  { name: "frames", label: "every so many frames" },
  { name: "seconds", label: "every so many seconds" },
  { name: "scene_cuts", label: "at scene cuts" },
  { name: "marks", label: "at chosen frames" },
];

/** @param {any} root the dialog @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps */
export function mountBatchDialog(root, deps) {
  const { store, commands } = deps;
  const source = radioRow({ label: "Source", testid: "batch-source", choices: SOURCES, choose: (name) => commands.chooseMaking({ source: name }) });
  const rule = radioRow({ label: "Cut", testid: "batch-rule", choices: RULES, choose: (name) => commands.chooseMaking({ rule: name }) });
  const fields = makeFields();
  const found = el("span", { class: "num summary", testid: "batch-summary", attrs: { role: "status" } });
  const error = el("p", { class: "form-error", testid: "batch-error", attrs: { role: "alert" } });
  const start = el("button", { class: "button primary", testid: "batch-make", text: "Make the batch" });
  const lines = {
    source: line("Source", "batch-source", source),
    folder: line("Folder", "batch-folder", fields.folder, hint("A folder in the server's videos folder. It holds videos, or folders of pictures; they go in natural order.")),
    rule: line("Cut", "batch-rule", rule),
    frames: line("Frames", "batch-frames", fields.frames),
    seconds: line("Seconds", "batch-seconds", fields.seconds),
    marks: line("Cut before", "batch-marks", fields.marks, hint(`Frame numbers, with commas. ${deps.keys("toggleCut")} adds the frame on screen.`)),
    name: line("Name", "batch-title-text", fields.name),
  };
  const typed = () => ({ name: fields.name.value.trim(), folder: fields.folder.value.trim(), frames: Number(fields.frames.value), seconds: Number(fields.seconds.value), marks: framesTyped(fields.marks.value) ?? [] });
  const sum = () => {
    const why = obstacle(store.state, typed(), fields.marks.value);
    setText(found, why ?? segmentWords(store.state, typed()));
    start.disabled = store.state.batches.busy || why !== null;
  };
  mountDialog(root, {
    ...deps,
    name: "batch",
    title: "New batch",
    sign: "layers",
    body: [el("div", { class: "batch-fields lines" }, ...Object.values(lines))],
    footer: [found, error, start],
    submit: () => start.disabled || commands.makeBatch(typed()),
    opened: () => {
      fields.marks.value = store.state.batches.cuts.join(", ");
      sum();
      (store.state.batches.source === "folder" ? fields.folder : source.querySelector("input:checked"))?.focus();
    },
  });
  root.addEventListener("input", sum);
  store.watch(
    (state) => [state.batches.source, state.batches.rule, state.batches.busy, state.batches.error, state.video.open],
    ([of, by, busy, why, video]) => {
      const isCut = of === "cut";
      showChoice(source, of, video && !video.source ? [] : ["cut"]);
      showChoice(rule, by);
      lines.folder.hidden = isCut;
      lines.rule.hidden = !isCut;
      for (const name of ["frames", "seconds", "marks"]) lines[name].hidden = !isCut || by !== name;
      fields.name.placeholder = isCut ? (video?.name ?? "") : "as the folder";
      error.hidden = !why;
      setText(error, why ? [why.message, why.hint].filter(Boolean).join(" ") : "");
      setText(start, busy ? "Making it…" : "Make the batch");
      sum();
    },
  );
}

const hint = (text) => el("small", { class: "dim", text });

function makeFields() {
  const text = (testid, label, placeholder) => el("input", { type: "text", testid, placeholder, aria: { label }, attrs: { autocomplete: "off", spellcheck: "false" } });
  const number = (testid, label, value, step) => el("input", { type: "number", testid, value: String(value), aria: { label }, attrs: { min: step, step } });
  return {
    name: text("batch-title-text", "Name of the batch", ""),
    folder: text("batch-folder", "Folder", "organized"),
    frames: number("batch-frames", "Frames of a segment", FRAMES, "1"),
    seconds: number("batch-seconds", "Seconds of a segment", SECONDS, "any"),
    marks: text("batch-marks", "Frames to cut before", "1200, 2900"),
  };
}

/** The reason why nothing can be made yet; null if there is none. @param {State} state */
function obstacle({ batches: { source, rule }, video }, { folder, frames, seconds, marks }, text) {
  if (source === "folder") return folder ? null : "Type the folder's name.";
  if (!video.open) return "Open a video first.";
  if (rule === "frames" && !(Number.isInteger(frames) && frames > 0)) return "Type how many frames a segment has.";
  if (rule === "seconds" && !(seconds > 0)) return "Type how many seconds a segment has.";
  if (rule !== "marks") return null;
  if (framesTyped(text) === null) return "Frames are whole numbers.";
  const last = video.open.num_frames - 1;
  if (marks.some((frame) => frame > last)) return `The last frame is ${last}.`;
  return marks.length ? null : "Type at least one frame.";
}

/** "10 segments", as far as that is known before. @param {State} state */
function segmentWords({ batches: { source, rule }, video }, { frames, seconds, marks }) {
  if (source === "folder" || !video.open) return "";
  const { num_frames, fps } = video.open;
  if (rule === "scene_cuts") return "The whole video is read for its scene cuts first.";
  if (rule === "marks") return counted(new Set([0, ...marks]).size, "segment");
  return counted(Math.ceil(num_frames / (rule === "frames" ? frames : Math.max(1, seconds * fps))), "segment");
}
