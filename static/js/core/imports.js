/** The import dialog's data: the report on a file, in words, and the choices sent with it. */

import { counted } from "./format.js";

/**
 * @typedef {{instance_id: number | null, new_instance: string | null, region: string}} Target
 * @typedef {{name: string, label: string, kinds: Record<string, number>, frames: number, first_frame: number, target: Target | null}} Subject
 * @typedef {{task: string | null, annotator: string | null, frame_offset: number | null, negative_labels: string | null,
 *   keypoint_labels: string[], masks_as: string, existing: string, predictions: string, mapping: Record<string, {instance_id: number | null, region: string} | null>}} Choices
 *   only what the user chose; all else is found out or remembered by the server
 */

/** @type {Choices} */
export const NO_CHOICES = Object.freeze({
  task: null,
  annotator: null,
  frame_offset: null,
  negative_labels: null,
  keypoint_labels: [],
  masks_as: "imported",
  existing: "keep",
  predictions: "leave_out",
  mapping: {},
});

const CREATED = "new";
const LEFT_OUT = "none";

const words = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);

/** The part `options` of the form. @param {Choices} choices */
export function optionsOf({ negative_labels, keypoint_labels, mapping, ...plain }) {
  const said = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== null));
  return {
    ...said,
    ...(negative_labels === null ? {} : { negative_labels: words(negative_labels) }),
    ...(keypoint_labels.length ? { keypoint_labels } : {}),
    ...(Object.keys(mapping).length ? { mapping } : {}),
  };
}

/** The value of a row's instance select. @param {Target | null} target */
export const slotOf = (target) => (target === null ? LEFT_OUT : target.instance_id === null ? CREATED : String(target.instance_id));

/** The rows of that select. @param {any[]} instances @param {Subject} subject */
export function slotChoices(instances, { target, label }) {
  const name = target?.new_instance || "";
  return [
    ...instances.map(({ instance_id, name: called }) => ({ value: String(instance_id), label: `${instance_id} · ${called}` })),
    { value: CREATED, label: name && name !== label ? `new: ${name}` : "new instance" },
    { value: LEFT_OUT, label: "leave out" },
  ];
}

/** The target chosen by the two selects of a row. @param {string} slot @param {string} region */
export const wishOf = (slot, region) => (slot === LEFT_OUT ? null : { instance_id: slot === CREATED ? null : Number(slot), region });

const NOUNS = { masks: ["mask"], boxes: ["box", "boxes"], points: ["point"], keypoints: ["keypoint"] };
const SINGULAR = { mask: ["mask"], box: ["box", "boxes"], point: ["point"], keypoint: ["keypoint"] };

const listed = (counts, nouns) =>
  Object.entries(nouns)
    .filter(([name]) => counts[name])
    .map(([name, [singular, plural]]) => counted(counts[name], singular, plural))
    .join(", ");

/** "3 masks, 2 boxes on 4 frames". @param {Record<string, number>} counts */
export function countWords(counts) {
  const found = listed(counts, NOUNS);
  return found ? `${found} on ${counted(counts.frames, "frame")}` : "nothing that can be imported";
}

/** "2 boxes on 2 frames, from 4". @param {Subject} subject */
export const subjectWords = ({ kinds, frames, first_frame }) =>
  `${listed(kinds, SINGULAR)} on ${frames === 1 ? `frame ${first_frame}` : `${counted(frames, "frame")}, from ${first_frame}`}`;

/** Items by their frames, in order: [{frame_idx, items}]. @param {any[]} items */
export function byFrame(items) {
  const frames = new Map();
  for (const item of items) frames.set(item.frame_idx, [...(frames.get(item.frame_idx) ?? []), item]);
  return [...frames].sort(([a], [b]) => a - b).map(([frame_idx, list]) => ({ frame_idx, items: list }));
}

/** "box, 2 positive points"; what is left out says so. @param {any[]} items */
export function becomesWords(items) {
  const found = new Map();
  for (const { becomes } of items) found.set(becomes ?? "left out", (found.get(becomes ?? "left out") ?? 0) + 1);
  return [...found].map(([what, count]) => (count === 1 ? what : `${count} × ${what}`)).join(", ");
}

const ORDER = ["skipped", "clamped", "warning", "note"];

/** Remarks in order: the losses first. @param {any[]} notes */
export const orderedNotes = (notes) => [...notes].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));

/** "00001.png → frame 0", or a question if that is not known. @param {any} report */
export const offsetWords = ({ first_file, items }) => {
  if (!first_file) return "";
  return items.length ? `${first_file} → frame ${Math.min(...items.map((item) => item.frame_idx))}` : `What to add to the number in ${first_file}?`;
};

/** Say why the file cannot be imported yet; null if it can. @param {any} importing */
export function obstacle({ state, report }) {
  if (state !== "ready" || !report) return "";
  if (report.needs) return `Choose the ${report.needs.replace("_", " ")} first.`;
  if (!report.taken.frames) return "Nothing of the file is left to import.";
  return null;
}

const VIDEO_ZIP = /\.zip$/i;

/** Tell if a file that cannot be imported may be a video in pictures. @param {string} name @param {{code?: string} | null} error */
export const mayBeVideo = (name, error) => error?.code === "unsupported_import" && VIDEO_ZIP.test(name);

/** Files that are annotations without a doubt: a ZIP may be a video. @param {{name: string}} file */
export const isAnnotation = ({ name }) => /\.(json|xml)$/i.test(name);
