/** What a reload returns to: the place in the tab, the tastes in the browser. */

import { readOwn } from "../core/bindings.js";
import { readWishes } from "../core/exports.js";

/** @import { State } from "../core/state.js" */

const PLACE = "annotator.place";
const TASTES = "annotator.tastes";
const TASTE_FIELDS = ["alpha", "brush_px", "mask_style", "theme", "direction", "scope", "on_guard", "hidden_regions", "keys", "timeline_px", "loop", "filmstrip", "wishes"];

const read = (storage, name) => {
  try {
    return JSON.parse(storage.getItem(name) ?? "{}");
  } catch {
    return {}; // written by another version
  }
};

/** The part of the view that a reload returns to. @param {State["view"]} view */
export const tastesOf = (view) => Object.fromEntries(TASTE_FIELDS.map((name) => [name, view[name]]));

/** Opacity, theme and run settings. @param {Storage} local */
export const readTastes = (local) => {
  const tastes = read(local, TASTES);
  return { ...tastes, keys: readOwn(tastes.keys), wishes: readWishes(tastes.wishes) };
};

/** @param {Storage} local @param {State["view"]} view */
export const writeTastes = (local, view) => local.setItem(TASTES, JSON.stringify(tastesOf(view)));

/** Where the user was: {video_id, frame_idx, instance_id, region}; the tab's own, else the browser's last. @param {Storage} session @param {Storage} local */
export const readPlace = (session, local) => ({ ...read(local, PLACE), ...read(session, PLACE) });

/** @param {Storage} session @param {Storage} local @param {State} state */
export function writePlace(session, local, { video, annotations, playback }) {
  if (!video.open) return;
  const { instance_id, region } = annotations;
  const place = JSON.stringify({ video_id: video.open.video_id, frame_idx: playback.frame_idx, instance_id, region });
  session.setItem(PLACE, place);
  local.setItem(PLACE, place);
}
