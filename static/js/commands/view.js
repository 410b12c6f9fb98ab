/** Tools, opacity, theme, toasts and dialogs: what changes only this page. */

/** @import { Store } from "../core/store.js" */

const TOAST_MS = { info: 5000, success: 4000, error: 9000 };
const ACTION_MS = 12_000; // long enough to see what went and to want it back
const ALPHA_STEP = 5;
const MASK_STYLES = ["both", "outline", "fill"];
const THEMES = ["dark", "light", "system"];

/** @param {{store: Store, later: (ms: number, callback: () => void) => void}} deps */
export function viewCommands({ store, later }) {
  let next_id = 1;
  const set = (type, fields) => store.dispatch({ type, ...fields });

  /** @param {{level: string, message: string, hint?: string, action?: string, args?: any[], ms?: number}} toast ms: how long it stays */
  function showToast({ ms, ...toast }) {
    const id = next_id;
    next_id += 1;
    set("toast_shown", { toast: { id, ...toast } });
    later(ms ?? (toast.action ? ACTION_MS : TOAST_MS[toast.level]), () => dismissToast(id));
  }

  const dismissToast = (id) => set("toast_dismissed", { id });
  const chooseTool = (tool) => set("tool_chosen", { tool });
  /** The brush and the eraser are each other's opposite. */
  const swapLabel = () => {
    const other = { brush: "eraser", eraser: "brush" }[store.state.view.tool];
    if (other) chooseTool(other);
    else set("label_swapped", {});
  };
  const setAlpha = (alpha) => set("alpha_changed", { alpha });
  /** @param {number} factor */
  const resizeBrush = (factor) => setBrush(store.state.view.brush_px * factor);
  /** @param {number} brush_px how wide, in source px */
  const setBrush = (brush_px) => set("brush_resized", { brush_px });
  /** The next of: fill and outline, outline, fill. */
  const nextMaskStyle = () => {
    const at = MASK_STYLES.indexOf(store.state.view.mask_style);
    set("mask_style_chosen", { mask_style: MASK_STYLES[(at + 1) % MASK_STYLES.length] });
  };
  const stepAlpha = (way) => setAlpha(store.state.view.alpha + way * ALPHA_STEP);
  const hideMasks = (masks_hidden) => set("masks_hidden_changed", { masks_hidden });
  /** @param {number | null} timeline_px null: by the window's height */
  const resizeTimeline = (timeline_px) => set("timeline_resized", { timeline_px });
  const toggleMasks = () => hideMasks(!store.state.view.masks_hidden);
  const showHelp = () => set("dialog_changed", { dialog: "help" });
  const closeDialog = () => set("dialog_changed", { dialog: null });

  function nextTheme() {
    const at = THEMES.indexOf(store.state.view.theme);
    set("theme_chosen", { theme: THEMES[(at + 1) % THEMES.length] });
  }

  /** Everything is saved as it is made: say so to hands that press Ctrl+S. */
  function saySaved() {
    const waiting = store.state.annotations.ops.filter((op) => !op.acked).length;
    if (waiting) showToast({ level: "info", message: `${waiting} not saved yet; sending…` });
    else showToast({ level: "success", message: "Saved. Every click is saved as you make it." });
  }

  return {
    showToast,
    dismissToast,
    chooseTool,
    swapLabel,
    setAlpha,
    stepAlpha,
    hideMasks,
    resizeBrush,
    setBrush,
    nextMaskStyle,
    toggleMasks,
    resizeTimeline,
    showHelp,
    closeDialog,
    nextTheme,
    saySaved,
  };
}
