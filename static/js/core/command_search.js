/** Searches what the command palette offers: every command of the keymap, and videos, instances, pairs and frames to go to. */

import { fit } from "./fuzzy.js";
import { counted } from "./format.js";
import { titleOf } from "./instance_names.js";

/** @import { State } from "./state.js" */

/**
 * command and args: what it runs. note: said beside it. keys: as people read them.
 * @typedef {{name: string, label: string, note: string, keys: string[], command: string, args: any[]}} Entry
 * @typedef {Entry & {at: number[]}} Found  at: places of the typed letters in the label
 */

const MOST_FOUND = 60;
const NUMBERED = /^instance(\d)$/;
const FRAME = /^(?:frame\s*|f\s*|#\s*)?(\d+)$/i;
const LESS_FOR_NOTE = 12; // letters that are found in the note, too, count less than the label

/** The commands, in the order of the help. @param {any[]} rows of the keymap as they are now @returns {Entry[]} */
export const commandEntries = (rows) =>
  rows.map(({ name, command, args, show, help, group }) => {
    const digit = NUMBERED.exec(name)?.[1];
    return { name, label: digit ? `Select instance ${digit}` : help, note: group, keys: digit ? [digit] : show, command, args };
  });

/** @param {State} state @returns {Entry[]} */
function placeEntries({ video, annotations }) {
  const go = (name, label, note, command, ...args) => ({ name, label, note, keys: [], command, args });
  const videos = (video.list ?? []).map(({ video_id, name, num_frames }) =>
    go(`video ${video_id}`, name, `Video · ${counted(num_frames ?? 0, "frame")}`, "openVideo", video_id));
  const instances = annotations.instances.map((instance) =>
    go(`instance ${instance.instance_id}`, titleOf(instance), "Instance", "selectPair", instance.instance_id, null));
  const pairs = annotations.instances.flatMap(({ instance_id, name }) =>
    annotations.regions.map((region) =>
      go(`pair ${instance_id}/${region.name}`, `${instance_id} ${region.label.toLowerCase()}`, `Pair · ${name}`, "selectPair", instance_id, region.name)));
  return [...instances, ...pairs, ...videos];
}

/** A number is a frame. @param {string} query @param {State} state @returns {Entry | null} */
function frameEntry(query, { video }) {
  const number = FRAME.exec(query)?.[1];
  if (number === undefined || !video.open) return null;
  const last = video.open.num_frames - 1;
  const frame_idx = Math.min(Number(number), last);
  const note = Number(number) > last ? "The last frame" : `of ${last}`;
  return { name: `frame ${frame_idx}`, label: `Go to frame ${frame_idx}`, note, keys: [], command: "showFrame", args: [frame_idx] };
}

/**
 * The best first; without letters all commands in their order.
 * @param {string} query @param {{rows: any[], state: State}} where @returns {Found[]}
 */
export function findEntries(query, { rows, state }) {
  const typed = query.trim();
  const commands = commandEntries(rows);
  if (!typed) return commands.map((entry) => ({ ...entry, at: [] }));
  const frame = frameEntry(typed, state);
  const found = [...commands, ...placeEntries(state)].flatMap((entry) => fitEntry(typed, entry));
  found.sort((one, other) => other.score - one.score);
  return [...(frame ? [{ ...frame, at: [] }] : []), ...found].slice(0, MOST_FOUND);
}

function fitEntry(typed, entry) {
  const fits = fit(typed, entry.label);
  if (fits) return [{ ...entry, ...fits }];
  const with_note = fit(typed, `${entry.label} ${entry.note}`);
  return with_note ? [{ ...entry, score: with_note.score - LESS_FOR_NOTE, at: with_note.at.filter((at) => at < entry.label.length) }] : [];
}
