/** The panel that repairs masks: what it would do to which frames, and the preview of a cleaning. */

import { pairOfKey } from "../pairs.js";
import { currentPair } from "../selectors.js";

/** @typedef {{fill_holes: number, drop_specks: number, smooth: number, grow: number}} Cleaning  source px; 0: not at all */
/** @typedef {{pair: string, frame_idx: number, before: number, after: number}} CleaningPreview  areas in source px */

export const REPAIR = {
  /** @type {"move" | "clean" | null} */ open: null,
  scope: "frame", // frame, range, pair
  /** @type {string | null} */ target: null, // the other pair; null: the first one
  way: "swap", // swap, move
  prompts: false, // move prompted frames, too
  approve: true, // approve what moved
  checked: false, // also clean and delete what a person made or approved
  /** @type {Cleaning} */ cleaning: { fill_holes: 0, drop_specks: 0, smooth: 0, grow: 0 },
  /** @type {{pair: string, on: boolean, cleaning: Cleaning} | null} */ rule: null, // of the selected pair
  /** @type {CleaningPreview | null} */ preview: null,
};

/** The fields that start anew with another video. */
export const REPAIR_CLOSED = { open: REPAIR.open, target: REPAIR.target, rule: REPAIR.rule, preview: REPAIR.preview };

/** A case that stores the fields of its action as they are. */
const stored = (repair, { type, ...fields }) => ({ ...repair, ...fields });

/** A rule of another pair is read when that one is selected. */
const ruleKnown = (repair, { key, cleaning, on }, state) =>
  pairOfKey(key) === currentPair(state) ? { ...repair, rule: { pair: pairOfKey(key), on, cleaning } } : repair;

/** @type {Record<string, import("./open_video.js").Case<typeof REPAIR>>} */
export const REPAIR_CASES = {
  repair_opened: (repair, { open, scope = repair.scope }) => ({ ...repair, open, scope, preview: null }),
  repair_chosen: stored,
  cleaning_chosen: (repair, { name, value }) => ({ ...repair, cleaning: { ...repair.cleaning, [name]: value } }),
  cleaning_previewed: (repair, { preview }) => ({ ...repair, preview }),
  cleaning_changed: ruleKnown,
};
