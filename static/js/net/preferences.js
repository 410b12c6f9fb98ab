/** Settings of the browser, and the frame and pair of the tab that a reload returns to. */

import { readOwn } from "../core/bindings.js";
import { readWishes } from "../core/exports.js";
import { readFolded } from "../core/panels.js";

/** @import { State } from "../core/state.js" */

const PLACE = "annotator.place";
const TASTES = "annotator.tastes";
const TASTE_FIELDS = ["alpha", "others_alpha", "brush_px", "mask_style", "theme", "direction", "scope", "follow", "on_guard", "hidden_regions", "keys", "timeline_px", "loop", "filmstrip", "wishes", "undo_here", "first_region", "approve_steps", "retrack", "my_name", "name_asked", "folded", "folded_before", "cards_folded", "pointer_labels", "loupe", "demo_known"];

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
  const [folded, folded_before] = [readFolded(tastes.folded), readFolded(tastes.folded_before)];
  return { ...tastes, keys: readOwn(tastes.keys), wishes: readWishes(tastes.wishes), folded, folded_before };
};

/** @param {Storage} local @param {State["view"]} view */
export const writeTastes = (local, view) => local.setItem(TASTES, JSON.stringify(tastesOf(view)));

/** The tab's last {video_id, frame_idx, instance_id, region}, else the browser's. @param {Storage} session @param {Storage} local */
export const readPlace = (session, local) => ({ ...read(local, PLACE), ...read(session, PLACE) });

/** @param {Storage} session @param {Storage} local @param {State} state */
export function writePlace(session, local, { video, annotations, playback }) {
  if (!video.open) return;
  const { instance_id, region } = annotations;
  const place = JSON.stringify({ video_id: video.open.video_id, frame_idx: playback.frame_idx, instance_id, region });
  session.setItem(PLACE, place);
  local.setItem(PLACE, place);
}
