/** Reads batches: the item on screen, its neighbours, and words for states and counts. */

import { counted, grouped, percent, timeLeft } from "./format.js";
import { nameOf } from "./people.js";

/** @import { BatchExport, BatchItem, BatchSummary, Job } from "./wire.js" */
/** @import { State } from "./state.js" */

export const STATE_WORDS = Object.freeze({
  todo: "to do",
  annotated: "annotated",
  previewed: "annotated",
  queued: "waiting",
  processing: "processing",
  processed: "processed",
  approved: "approved",
  skipped: "skipped",
  failed: "failed",
});

/** Icons of states: none of them is told by its colour alone. */
export const STATE_ICONS = Object.freeze({
  todo: "circle",
  annotated: "circle-dot",
  previewed: "circle-dot",
  queued: "loader-circle",
  processing: "loader-circle",
  processed: "check",
  approved: "circle-check",
  skipped: "ban",
  failed: "triangle-alert",
});

/** The item whose video is on screen or being opened, or null. @param {State} state @returns {BatchItem | null} */
export function currentItem({ batches, video }) {
  const video_id = video.opening ?? video.open?.video_id;
  return batches.open?.items.find((item) => item.video_id === video_id) ?? null;
}

/** The item so many places further, or null at either end. @param {State} state @param {number} way @returns {BatchItem | null} */
export function neighbour(state, way) {
  const { open } = state.batches;
  if (!open?.items.length) return null;
  const item = currentItem(state);
  const number = item ? item.item + way : way > 0 ? 1 : open.items.length;
  return open.items[number - 1] ?? null;
}

/** Names of the others that are on an item. @param {State["session"]} session @param {BatchItem} item @returns {string[]} */
export const othersOn = ({ client_id }, { clients, names }) =>
  clients.flatMap((other, at) => (other === client_id ? [] : [nameOf({ name: names?.[at] })]));

/** "Anna is on it", "Anna and Somebody are on it"; empty without others. @param {string[]} names */
export function peopleWords(names) {
  if (!names.length) return "";
  return names.length === 1 ? `${names[0]} is on it` : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are on it`;
}

/** "17 of 62 annotated": what waits, is processed or approved counts; what is skipped is left out. @param {BatchSummary["counts"]} counts */
export function annotatedWords(counts) {
  const done = counts.annotated + counts.processed + counts.approved;
  return `${grouped(done)} of ${grouped(done + counts.todo + counts.failed)} annotated`;
}

/** A share of the batch, in percent. @param {BatchSummary["counts"]} counts */
export function annotatedShare({ annotated, processed, approved, todo, failed }) {
  const done = annotated + processed + approved;
  return percent(done, done + todo + failed);
}

/** "12 processed · 1 failed · 2 skipped". @param {BatchSummary["counts"]} counts */
export const otherCounts = ({ processed, approved, failed, skipped }) =>
  [
    processed + approved && `${grouped(processed + approved)} processed`,
    approved && `${grouped(approved)} approved`,
    failed && `${grouped(failed)} failed`,
    skipped && `${grouped(skipped)} skipped`,
  ]
    .filter(Boolean)
    .join(" · ");

/** Describe an item: "to do", "processing 12 / 90", "failed: The file is damaged." @param {BatchItem} item */
export function itemWords({ state, done, total, error, rejected, note }) {
  const words = [state === "processing" && total ? `processing ${grouped(done)} / ${grouped(total)}` : STATE_WORDS[state]];
  if (error) words.push(error.message);
  if (rejected !== null) words.push(rejected ? `to redo: ${rejected}` : "to redo");
  if (note) words.push(note);
  return words.join(" · ");
}

/** "Item 3: part_003.mp4 · annotated · Anna is on it". @param {State["session"]} session @param {BatchItem} item */
export const itemTitle = (session, item) =>
  [`Item ${item.item}: ${item.name}`, itemWords(item), peopleWords(othersOn(session, item))].filter(Boolean).join(" · ");

/** Tell if a batch is being processed. @param {Job | undefined} job */
export const isUnderWay = (job) => job?.state === "running" || job?.state === "queued";

/** "Item 3 of 12 · 45 % · 2:10 left", "on hold at item 3 of 12". @param {any} job */
export function processingWords(job) {
  const { items_done, items_total, done, total, eta_s, on_hold } = job;
  const place = `item ${Math.min(items_done + 1, items_total)} of ${items_total}`;
  const share = `${Math.floor(percent(done, total))} %`;
  if (on_hold) return `On hold at ${place} · ${share}`;
  return [`Processing ${place}`, share, timeLeft(eta_s)].filter(Boolean).join(" · ");
}

/** "12 items processed", "Processing stopped after 3 of 12 items"; of one that ended. @param {any} job */
export function endWords({ state, items_done, items_total, note }) {
  const words = state === "done" ? `${counted(items_total, "item")} processed` : `Processing ${state === "failed" ? "failed" : "stopped"} after ${items_done} of ${counted(items_total, "item")}`;
  return [words, note].filter(Boolean).join(" · ");
}

/** The folder that changed last, or undefined. @param {BatchExport[]} exports */
export const newestExport = (exports) => exports.toSorted((one, other) => other.changed_at - one.changed_at)[0];

/** "Download green screen". @param {BatchExport} found */
export const exportWords = ({ format }) => `Download ${format.replaceAll("_", " ")}`;

/** Videos that are listed beneath a batch. @param {State["batches"]} batches @returns {Set<string>} */
const batchedVideos = ({ list }) => new Set((list ?? []).flatMap(({ video_ids }) => video_ids ?? []));

/**
 * Videos in the list of the panel: those of a batch are listed beneath it, and a search finds them, too. Until the batches are
 * known, what is most likely of one is left out, so that a thousand rows are not made only to be taken away.
 * @param {Pick<State, "video" | "batches">} state
 */
export function listedVideos({ video: { list, search }, batches }) {
  const text = search.trim().toLowerCase();
  const found = (list ?? []).filter(({ name }) => name.toLowerCase().includes(text));
  if (text) return found;
  if (batches.list === null) return found.filter(({ name, source }) => !source && !name.includes("/"));
  const batched = batchedVideos(batches);
  return found.filter(({ video_id }) => !batched.has(video_id));
}

/** Frames typed as "120, 480 900"; null if anything else is among them. @param {string} text @returns {number[] | null} */
export function framesTyped(text) {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  return words.every((word) => /^\d+$/.test(word)) ? words.map(Number) : null;
}

/** Options of a format that follow from the batch, its settings and the numbers before an item. */
export const OF_THE_BATCH = Object.freeze(["background", "first_number"]);

/** Item numbers typed as "1-5, 8"; null if there is no such item, or anything else is among them. @param {string} text @param {number} count */
export function numbersTyped(text, count) {
  const found = new Set();
  for (const word of text.split(/[\s,;]+/).filter(Boolean)) {
    const [, first, last = first] = /^(\d+)(?:[-–](\d+))?$/.exec(word) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && to >= from && to <= count)) return null;
    for (let number = from; number <= to; number += 1) found.add(number);
  }
  return [...found].sort((one, other) => one - other);
}
