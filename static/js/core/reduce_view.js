/** What the user looks at and with which tool; toasts, uploads, dialogs. */

import { followed } from "./reduce_timeline.js";

const MAX_TOASTS = 4;
const MOST_BRUSH = 600; // source px

const view = (state, changes) => ({ ...state, view: { ...state.view, ...changes } });
const within = (value, low, high) => Math.min(high, Math.max(low, value));

function frameRequested(state, { frame_idx }) {
  const last = Math.max(0, (state.video?.num_frames ?? 1) - 1);
  const next = within(Math.round(frame_idx), 0, last);
  if (next === state.frame_idx) return state;
  const heading = Math.sign(next - state.frame_idx);
  return followed({ ...state, frame_idx: next, heading, keypoint_id: null });
}

function toastShown(state, { toast }) {
  const same = ({ message, about }) => message === toast.message || (about !== undefined && about === toast.about);
  const others = state.toasts.filter((one) => !same(one));
  return { ...state, toasts: [...others, toast].slice(-MAX_TOASTS) };
}

export const VIEW_CASES = {
  frame_requested: frameRequested,
  frame_drawn: (state, { frame_idx }) =>
    frame_idx === state.drawn_idx ? state : { ...state, drawn_idx: frame_idx },
  playback_changed: (state, { playing }) => ({ ...state, playing }),
  scrubbing_changed: (state, { scrubbing }) =>
    scrubbing === state.scrubbing ? state : { ...state, scrubbing },
  pair_selected: (state, { instance_id, region }) => ({
    ...state,
    instance_id: instance_id ?? state.instance_id,
    region: region ?? state.region,
    keypoint_id: null,
  }),
  keypoint_selected: (state, { keypoint_id }) => ({ ...state, keypoint_id }),
  naming_changed: (state, { naming }) => ({ ...state, naming }),
  tool_chosen: (state, { tool }) => ({ ...view(state, { tool }), keypoint_id: null }),
  label_swapped: (state) => view(state, { label: state.view.label ? 0 : 1 }),
  brush_resized: (state, { brush_px }) => view(state, { brush_px: within(brush_px, 1, MOST_BRUSH) }),
  mask_style_chosen: (state, { mask_style }) => view(state, { mask_style }),
  pairs_hovered: (state, { pairs }) => ({ ...state, hovered: pairs }),
  alpha_changed: (state, { alpha }) => view(state, { alpha: within(alpha, 0, 100) }),
  masks_hidden_changed: (state, { masks_hidden }) => view(state, { masks_hidden }),
  theme_chosen: (state, { theme }) => view(state, { theme }),
  direction_chosen: (state, { direction }) => view(state, { direction }),
  on_guard_chosen: (state, { on_guard }) => view(state, { on_guard }),
  scope_chosen: (state, { scope }) => view(state, { scope }),
  timeline_resized: (state, { timeline_px }) => view(state, { timeline_px }),
  zoomed: (state, { zoom }) => (zoom === state.view.zoom ? state : view(state, { zoom })),
  preferences_read: (state, { preferences }) => view(state, preferences),
  dialog_changed: (state, { dialog }) => ({ ...state, dialog }),
  toast_shown: toastShown,
  toast_dismissed: (state, { id }) => ({
    ...state,
    toasts: state.toasts.filter((toast) => toast.id !== id),
  }),
  upload_queued: (state, { upload }) => ({ ...state, uploads: [...state.uploads, upload] }),
  upload_changed: (state, { id, type, ...changes }) => ({
    ...state,
    uploads: state.uploads.map((one) => (one.id === id ? { ...one, ...changes } : one)),
  }),
  upload_removed: (state, { id }) => ({
    ...state,
    uploads: state.uploads.filter((one) => one.id !== id),
  }),
};
