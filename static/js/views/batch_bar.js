/** The bar of the open batch: how much is done, the step of this item, the processing; below them the strip of items. */

import { annotatedShare, annotatedWords, currentItem, endWords, exportWords, isUnderWay, itemWords, newestExport, otherCounts, processingWords } from "../core/batches.js";
import { percent } from "../core/format.js";
import { batchMenu } from "./batch_menu.js";
import { mountBatchStrip } from "./batch_strip.js";
import { el, icon, kbd, setIcon, setName, setText } from "./dom.js";
import { renameInPlace } from "./rename.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {any} root @param {{store: Store, commands: Commands, keys: (name: string) => string, thumbnailUrl: (video_id: string) => Promise<string>}} deps */
export function mountBatchBar(root, deps) {
  const { store, commands } = deps;
  const name = el("b", { class: "batch-name", testid: "batch-name" });
  const rename = () => renameInPlace(name, { value: store.state.batches.open.name, label: "Name of the batch", testid: "batch-rename", commit: (text) => commands.renameBatch(text) });
  name.addEventListener("dblclick", rename);
  const counts = el("span", { class: "num batch-counts", testid: "batch-counts", attrs: { role: "status" } });
  const share = el("span", { class: "bar" }, el("i"));
  const close = el("button", { class: "ghost", testid: "batch-bar-close", title: "Close the batch; its videos stay", aria: { label: "Close the batch" }, on: { click: () => commands.closeBatch() } }, icon("x"));
  const strip = el("div", { class: "batch-strip", testid: "batch-strip", attrs: { role: "group" }, aria: { label: "Items of the batch" } });
  root.append(el("div", { class: "batch-line" }, icon("layers"), name, el("span", { class: "batch-state" }, counts, share), ...itemControls(deps), processingControls(deps), batchMenu({ ...deps, rename }), close), strip);
  mountBatchStrip(strip, deps);
  store.watch(
    (state) => [state.batches.open, jobOf(state)],
    ([batch, job]) => {
      root.hidden = batch === null;
      if (batch === null) return;
      setName(name, batch.name);
      name.title = `${batch.name}: double click renames`;
      const words = wordsOf(batch, job);
      setText(counts, words);
      counts.title = words;
      share.firstElementChild.style.width = `${isUnderWay(job) ? percent(job.done, job.total) : annotatedShare(batch.counts)}%`;
      share.classList.toggle("under-way", isUnderWay(job));
    },
  );
}

const jobOf = ({ batches }) => batches.jobs[batches.open?.batch_id ?? ""];

function wordsOf({ counts, cutting, error, items }, job) {
  if (cutting) return "Looking for scene cuts…";
  if (error) return [error.message, error.hint].filter(Boolean).join(" ");
  if (!items.length) return "No items.";
  if (isUnderWay(job)) return processingWords(job);
  const ended = job && counts.failed ? endWords(job) : "";
  return [annotatedWords(counts), otherCounts(counts), ended].filter(Boolean).join(" · ");
}

/** Previous, the number, next; skip and save. */
function itemControls({ store, commands, keys }) {
  const button = (testid, command, sign, words) =>
    el("button", { class: "ghost", testid, title: `${words} (${keys(command)})`, aria: { label: words }, on: { click: () => commands[command]() } }, icon(sign));
  const number = el("input", { id: "batch-number", class: "frame-number batch-number num", testid: "batch-number", title: `Type an item's number (${keys("focusItem")})`, aria: { label: "Item number" }, attrs: { inputmode: "numeric", autocomplete: "off" } });
  const of = el("span", { class: "num dim" });
  const words = el("span", { class: "batch-item-state dim", testid: "batch-item-state", attrs: { role: "status" } });
  const skip = el("button", { class: "button small", testid: "batch-skip", title: `Skip the item and go on (${keys("skipItem")})`, on: { click: () => commands.skipItem() } }, el("span", { text: "Skip" }), kbd(keys("skipItem")));
  const save = el("button", { class: "button small primary", testid: "batch-save", title: `Save the item and go to the next one to do (${keys("closePolygon")})`, on: { click: () => commands.saveItem() } }, icon("check"), "Save", kbd(keys("closePolygon")));
  listenToNumber(number, { store, commands });
  store.watch(
    (state) => [currentItem(state), state.batches.open?.items.length ?? 0],
    ([item, count]) => {
      if (document.activeElement !== number) number.value = String(item?.item ?? "");
      setText(of, `/ ${count}`);
      setText(words, item ? itemWords(item) : "");
      words.title = words.textContent;
      setText(skip.firstElementChild, item?.state === "skipped" ? "Take in" : "Skip");
      skip.disabled = save.disabled = !item;
    },
  );
  return [button("batch-previous", "previousItem", "arrow-left", "Previous item"), number, of, button("batch-next", "nextItem", "arrow-right", "Next item"), words, skip, save];
}

/** Enter goes to the number, Escape leaves it as it was; either hands the keys back to the stage. */
function listenToNumber(number, { store, commands }) {
  const reset = () => (number.value = String(currentItem(store.state)?.item ?? ""));
  number.addEventListener("focus", () => number.select());
  number.addEventListener("blur", reset);
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    const wanted = Number(number.value);
    commands.focusStage();
    if (event.key === "Enter" && Number.isFinite(wanted) && wanted) commands.goToItem(wanted);
  });
}

/** Process all, and download what it exported; while it is under way, pause and cancel. */
function processingControls({ store, commands, keys }) {
  const start = el("button", { class: "button small", testid: "batch-process", title: `Process all annotated items (${keys("showProcessing")})`, on: { click: () => commands.showProcessing() } }, icon("play"), "Process all", kbd(keys("showProcessing")));
  const load = el("button", { class: "button small icon-only", testid: "batch-download", on: { click: () => commands.downloadBatch() } }, icon("download"));
  const retry = el("button", { class: "button small", testid: "batch-retry", title: "Process again what failed", on: { click: () => commands.changeProcessing("retry") } }, icon("rotate-ccw"), "Retry");
  const [sign, words] = [icon("pause"), el("span")];
  const pause = el("button", { class: "button small", testid: "batch-pause", on: { click: () => commands.changeProcessing(jobOf(store.state)?.on_hold ? "resume" : "pause") } }, sign, words);
  const cancel = el("button", { class: "button small", testid: "batch-cancel", title: "Stop processing; finished items stay", on: { click: () => commands.changeProcessing("cancel") } }, "Cancel");
  store.watch(
    (state) => [state.batches.open, jobOf(state), state.batches.exports],
    ([batch, job, exports]) => {
      const under_way = isUnderWay(job);
      const newest = newestExport(exports);
      load.hidden = under_way || !newest;
      if (newest) load.title = `${exportWords(newest)} (${keys("downloadBatch")})`;
      load.setAttribute("aria-label", newest ? exportWords(newest) : "Download");
      start.hidden = under_way;
      start.disabled = !batch?.items.length;
      retry.hidden = under_way || !job || !batch?.counts.failed;
      pause.hidden = cancel.hidden = !under_way;
      setIcon(sign, job?.on_hold ? "play" : "pause");
      setText(words, job?.on_hold ? "Resume" : "Pause");
      pause.title = job?.on_hold ? "Go on processing" : "Hold the processing after the frame under way";
    },
  );
  return el("span", { class: "batch-processing" }, load, retry, start, pause, cancel);
}
