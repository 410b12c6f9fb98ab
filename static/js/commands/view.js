/** Tools, masks on the stage, theme and dialogs: changes of this page only. */

/** @import { Store } from "../core/store.js" */

const ALPHA_STEP = 5;
const OTHERS_STEP = 10;
const MASK_STYLES = ["both", "outline", "fill"];
const THEMES = ["dark", "light", "system"];

/** @param {{store: Store}} deps */
export function viewCommands({ store }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });

  const chooseTool = (tool) => set("tool_chosen", { tool });
  /** The brush and the eraser are each other's opposite. */
  const swapLabel = () => {
    const other = { brush: "eraser", eraser: "brush" }[store.state.view.tool];
    if (other) chooseTool(other);
    else set("label_swapped", {});
  };
  /** @param {number} others_alpha of pairs not selected, in percent of the opacity */
  const setOthersAlpha = (others_alpha) => set("others_alpha_changed", { others_alpha });
  const stepOthersAlpha = (way) => setOthersAlpha(store.state.view.others_alpha + way * OTHERS_STEP);
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
  /** @param {"undo_here" | "first_region" | "approve_steps" | "retrack"} name @param {boolean} on */
  const chooseHabit = (name, on) => set("habit_changed", { [name]: on });
  const showHelp = () => set("dialog_changed", { dialog: "help" });
  const closeDialog = () => set("dialog_changed", { dialog: null });

  function nextTheme() {
    const at = THEMES.indexOf(store.state.view.theme);
    set("theme_chosen", { theme: THEMES[(at + 1) % THEMES.length] });
  }

  return {
    chooseTool,
    swapLabel,
    setAlpha,
    stepAlpha,
    setOthersAlpha,
    stepOthersAlpha,
    hideMasks,
    resizeBrush,
    setBrush,
    nextMaskStyle,
    toggleMasks,
    resizeTimeline,
    chooseHabit,
    showHelp,
    closeDialog,
    nextTheme,
  };
}
