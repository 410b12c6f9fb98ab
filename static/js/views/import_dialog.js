/** The import dialog: a file is dropped or chosen, checked, mapped and imported; earlier imports can be undone. */

import { byteSize, percent } from "../core/format.js";
import { countWords, mayBeVideo, obstacle } from "../core/imports.js";
import { mountDialog } from "./dialog_frame.js";
import { el, icon, setIcon, setName, setText } from "./dom.js";
import { importChoices } from "./import_choices.js";
import { importFrames } from "./import_frames.js";
import { importList } from "./import_list.js";
import { importMapping } from "./import_mapping.js";
import { importNotes } from "./import_notes.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const FOLDER = "A folder cannot be read. Pack masks into a ZIP and drop it here; pack the frames of a video into a ZIP and drop it on the list of videos on the left.";

const SIGNS = { looking: "loader-circle", sending: "loader-circle", ready: "circle-check", failed: "triangle-alert" };

/** @param {any} root the dialog @param {{store: Store, commands: Commands, previews: any}} deps */
export function mountImportDialog(root, deps) {
  const { store, commands } = deps;
  const input = el("input", { type: "file", hidden: true, testid: "import-input" });
  const choose = () => input.click();
  const drop = dropPlace(deps, choose);
  const file = fileLine(deps, choose);
  const report = el("div", { class: "report", testid: "import-report" }, importChoices(deps), importMapping(deps), importFrames(deps), importNotes(deps));
  const found = el("span", { class: "num summary", testid: "import-summary", attrs: { role: "status" } });
  const start = el("button", { class: "button primary", testid: "import-start", text: "Import" });
  const body = el("div", { class: "exchange-body" }, input, drop, file, report, importList(deps));
  mountDialog(root, {
    ...deps,
    name: "import",
    title: "Import",
    sign: "upload",
    body: [body],
    footer: [found, start],
    submit: () => commands.startImport(),
    opened: () => nextStep(root, store.state.exchange.importing, { drop, start }).focus(),
  });
  input.addEventListener("change", () => {
    const [chosen] = input.files;
    input.value = "";
    if (chosen) commands.chooseImport(chosen);
  });
  takeDrops(root, drop, commands);
  store.watch(
    (state) => state.exchange.formats,
    (formats) => (input.accept = [...new Set((formats?.importers ?? []).flatMap(({ suffixes }) => suffixes))].join(",")),
  );
  store.watch(
    (state) => state.exchange.importing,
    (importing) => {
      drop.hidden = importing !== null;
      file.hidden = importing === null;
      report.hidden = !importing?.report;
      report.classList.toggle("old", importing?.state !== "ready");
      const why = importing ? obstacle(importing) : "";
      start.disabled = why !== null;
      keepFocus(root, importing, { drop, start });
      setText(found, importing?.report && importing.state === "ready" ? (why ?? `Will import ${countWords(importing.report.taken)}.`) : "");
    },
  );
}

function dropPlace({ store }, choose) {
  const kinds = el("ul", { class: "kinds", testid: "import-kinds" });
  store.watch(
    (state) => state.exchange.formats,
    (formats) =>
      kinds.replaceChildren(
        ...(formats?.importers ?? []).map(({ label, suffixes, reads }) =>
          el("li", {}, el("b", { text: label }), el("span", { class: "dim", text: ` ${suffixes.join(" ")}: ${reads}` })),
        ),
      ),
  );
  const button = el("button", { class: "drop", type: "button", testid: "import-choose", on: { click: choose } }, icon("upload"), el("span", {}, "Drop a file here ", el("u", { text: "or choose one" })));
  return el(
    "div",
    { class: "import-start" },
    button,
    kinds,
    el("p", { class: "dim", text: "The format is recognised from the file's content. Nothing changes until you have seen the result and press Import." }),
    el("p", { class: "dim", text: "A video, or a ZIP of its frames, does not belong here: drop it on the list of videos." }),
    el("p", { class: "form-error", testid: "import-drop-error", hidden: true, attrs: { role: "alert" } }),
  );
}

/** Move the focus from a control that was hidden to the next step, so that Enter goes on. */
function keepFocus(root, importing, { drop, start }) {
  const { activeElement } = document;
  const lost = activeElement === document.body || activeElement === root || !activeElement.checkVisibility();
  if (!root.open || (!lost && !activeElement.closest(".import-file"))) return;
  nextStep(root, importing, { drop, start }).focus();
}

/** The control for the next step. */
function nextStep(root, importing, { drop, start }) {
  if (!importing) return drop.querySelector("button");
  if (importing.state === "ready") return root.querySelector(".needed:not([hidden]) select") ?? start;
  return root.querySelector("[data-testid=import-again]:not([hidden])") ?? root.querySelector("[data-testid=import-other]");
}

/** The line of the chosen file: its name, progress and errors. */
function fileLine({ store, commands }, choose) {
  const sign = icon("loader-circle");
  const name = el("b", { class: "video-title" });
  const size = el("span", { class: "num dim" });
  const kind = el("span", { testid: "import-kind", attrs: { role: "status" } });
  const other = el("button", { class: "button small", type: "button", testid: "import-other", text: "Another file", on: { click: choose } });
  const away = el("button", { class: "ghost", type: "button", testid: "import-away", title: "Remove the file", aria: { label: "Remove the file" }, on: { click: () => commands.putImportAway() } }, icon("x"));
  const error = el("p", { class: "form-error", testid: "import-error", attrs: { role: "alert" } });
  const again = el("button", { class: "button small", type: "button", testid: "import-again", text: "Try again", on: { click: () => commands.lookAgain() } });
  const video = el("button", { class: "button small", type: "button", testid: "import-as-video", text: "Upload it as a video", on: { click: () => commands.uploadInstead() } });
  const root = el("div", { class: "import-file" }, el("header", {}, sign, name, size, kind, el("span", { class: "grow" }), other, away), el("span", { class: "bar" }, el("i")), error, el("div", { class: "import-ways" }, again, video));
  store.watch(
    (state) => [state.exchange.importing, state.exchange.formats],
    ([importing, formats]) => {
      if (!importing) return;
      root.dataset.state = importing.state;
      setIcon(sign, SIGNS[importing.state]);
      setName(name, importing.name);
      setText(size, byteSize(importing.size));
      setText(kind, stateWords(importing, formats));
      const moving = importing.state === "looking" || importing.state === "sending";
      root.querySelector(".bar").hidden = !moving;
      root.querySelector(".bar i").style.width = `${percent(importing.sent, importing.size)}%`;
      const { error: why } = importing;
      error.hidden = !why;
      setText(error, why ? [why.message, why.hint].filter(Boolean).join(" ") : "");
      again.hidden = !why || why.status === 415;
      video.hidden = !mayBeVideo(importing.name, why);
    },
  );
  return root;
}

function stateWords({ state, report, sent, size }, formats) {
  if (state === "looking") return sent < size ? "sending…" : "reading it…";
  if (state === "sending") return "importing…";
  if (state === "failed") return "";
  const known = formats?.importers.find(({ name }) => name === report.format);
  const label = known?.label ?? report.format;
  return report.needs ? label : `${label} · ${countWords(report.counts)}`;
}

/** Anywhere on the dialog; a folder has no bytes of its own. */
function takeDrops(root, place, commands) {
  const error = place.querySelector(".form-error");
  const over = (on) => root.classList.toggle("dropping-here", on);
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  root.addEventListener("dragleave", (event) => !root.contains(event.relatedTarget) && over(false));
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const [item] = event.dataTransfer.items;
    const is_folder = item?.webkitGetAsEntry?.()?.isDirectory === true;
    error.hidden = !is_folder;
    setText(error, is_folder ? FOLDER : "");
    if (is_folder) commands.putImportAway();
    else if (event.dataTransfer.files.length) commands.chooseImport(event.dataTransfer.files[0]);
  });
}
