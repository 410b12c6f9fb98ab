/** The tool in hand, the settings of this browser, dialogs and toasts: the part no server knows of. */

import { NO_WISHES } from "../exports.js";
import { pairOfKey } from "../pairs.js";
import { toggled } from "../toggled.js";
import { leavesVideo } from "./open_video.js";

/** @typedef {{id: number, level: string, message: string, hint?: string, action?: string, label?: string, args?: any[], about?: string}} Toast label: of the action */

const MAX_TOASTS = 4;
const MAX_BRUSH_PX = 600; // source px

export const VIEW = {
  tool: "click", // click, box, brush, eraser, polygon, keypoint
  label: 1, // added by the left button
  brush_px: 24, // width of the brush and the eraser, in source px
  mask_style: "both", // both, outline, fill
  alpha: 45, // of masks, in percent
  others_alpha: 50, // of pairs not selected, in percent of that
  masks_hidden: false,
  /** @type {string[]} */ hidden_regions: [], // in this browser
  /** @type {string[]} */ hovered: [], // pairs whose masks lie under the pointer, the most specific first
  zoom: 1, // CSS px per source px
  theme: "dark", // dark, light, system
  my_name: "", // as others see it
  name_asked: false, // once is enough
  /** @type {Record<string, string[]>} */ keys: {}, // of keymap rows whose keys the user changed
  /** @type {import("../exports.js").Wishes} */ wishes: NO_WISHES, // the choices of the export dialog
  rate: 1, // of playback: a share of the video's own rate
  loop: false, // playback repeats, within the marked range if there is one
  filmstrip: true, // thumbnails above the lanes
  /** @type {number | null} */ timeline_px: null, // its height; null: what its lanes need
  /** @type {string[]} */ folded: [], // panels that are folded away: left, right, time
  /** @type {string[]} */ folded_before: [], // the ones that were when all were folded at once
  /** @type {string | null} */ sheet: null, // the panel that lies over a narrow page: left, right
  cards_folded: false, // cards show one line, but for the selected instance and jobs under way
  pointer_labels: true, // beside a pointer that rests
  pointing: false, // the pointer is moved by keys
  loupe: true, // around the pointer while keypoints are placed
  trying: false, // the mask that a click at the pointer would lead to is shown
  /** @type {null | {pair: string, frame_idx: number, pixels: any}} */ tried: null, // that mask
  /** @type {string | null} */ click_does: null, // at the pointer, as clickDoes says
  direction: "forward", // of a propagation
  scope: "current", // pairs of a propagation: current, all
  follow: true, // the stage rides with one's own runs
  on_guard: "go_on", // of a propagation where something looks wrong: go_on, pause
  on_approved: "keep", // of the next propagation, for approved masks: keep, replace
  undo_here: false, // undo stays on the frame on screen
  first_region: true, // a new instance begins at the first region
  retrack: false, // a correction is tracked on by itself
  approve_steps: false, // approving a mask goes on to the next frame
  demo_known: false, // the user was told what the demo model is, and closed the card
  /** @type {string | null} */ dialog: null, // help, server, export, import, commands, trash, runs, suspicions, batch, processing
  /** @type {Toast[]} */ toasts: [],
};

const within = (value, low, high) => Math.min(high, Math.max(low, value));

/** A case that stores the fields of its action as they are. */
const stored = (view, { type, ...fields }) => ({ ...view, ...fields });

const wished = (view, changes) => ({ ...view, wishes: { ...view.wishes, ...changes } });

function optionChosen(view, { format, name, value }) {
  const { options } = view.wishes;
  return wished(view, { options: { ...options, [format]: { ...options[format], [name]: value } } });
}

function optionsReset(view, { format }) {
  const { [format]: gone, ...options } = view.wishes.options;
  return wished(view, { options });
}

/** A toast takes the place of one with the same words, or about the same. */
function toastShown(view, { toast }) {
  const isSame = ({ message, about }) => message === toast.message || (about !== undefined && about === toast.about);
  return { ...view, toasts: [...view.toasts.filter((shown) => !isSame(shown)), toast].slice(-MAX_TOASTS) };
}

const UNDOING = ["undoAt", "doAnyway"]; // their last argument says where

/**
 * A toast that offers to undo takes back its own change only: the next change of that pair and frame removes it.
 * @param {Toast} toast @param {any} change fields of the op
 */
function isOvertaken({ action, args }, { key, frame_idx }) {
  if (!UNDOING.includes(action) || !key) return false;
  const undone = args.at(-1);
  if (!undone.key) return false;
  return undone.frame_idx === frame_idx && pairOfKey(undone.key) === pairOfKey(key);
}

/** @type {Record<string, import("./open_video.js").Case<typeof VIEW>>} */
export const VIEW_CASES = {
  tool_chosen: stored,
  label_swapped: (view) => ({ ...view, label: view.label ? 0 : 1 }),
  brush_resized: (view, { brush_px }) => ({ ...view, brush_px: within(brush_px, 1, MAX_BRUSH_PX) }),
  mask_style_chosen: stored,
  alpha_changed: (view, { alpha }) => ({ ...view, alpha: within(alpha, 0, 100) }),
  others_alpha_changed: (view, { others_alpha }) => ({ ...view, others_alpha: within(others_alpha, 0, 100) }),
  masks_hidden_changed: stored,
  region_hidden: (view, { region }) => ({ ...view, hidden_regions: toggled(view.hidden_regions, region) }),
  pairs_hovered: (view, { pairs }) => ({ ...view, hovered: pairs }),
  click_effect_changed: stored,
  trying_changed: stored,
  click_tried: stored,
  panels_folded: stored,
  sheet_changed: stored,
  cards_folded_changed: stored,
  pointer_labels_changed: stored,
  loupe_changed: stored,
  pointing_changed: stored,
  zoomed: (view, { zoom }) => (zoom === view.zoom ? view : { ...view, zoom }),
  theme_chosen: stored,
  name_given: stored,
  keys_bound: stored,
  export_wished: (view, { wishes }) => wished(view, wishes),
  export_option_chosen: optionChosen,
  export_options_reset: optionsReset,
  rate_chosen: stored,
  loop_changed: stored,
  filmstrip_changed: stored,
  timeline_resized: stored,
  direction_chosen: stored,
  scope_chosen: stored,
  follow_changed: stored,
  on_guard_chosen: stored,
  on_approved_chosen: stored,
  video_chosen: (view, action, state) => (leavesVideo(state, action) ? { ...view, on_approved: VIEW.on_approved } : view),
  habit_changed: stored,
  invitation_dismissed: (view) => ({ ...view, demo_known: true }),
  preferences_read: (view, { preferences }) => ({ ...view, ...preferences }),
  dialog_changed: stored,
  server_failed: (view, { error }) => (error ? { ...view, dialog: "server" } : view),
  op_queued: (view, { data }) => ({ ...view, toasts: view.toasts.filter((toast) => !isOvertaken(toast, data)) }),
  toast_shown: toastShown,
  toast_dismissed: (view, { id }) => ({ ...view, toasts: view.toasts.filter((toast) => toast.id !== id) }),
};
