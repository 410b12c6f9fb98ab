/** The rules between the regions of an instance, and the frames of the open video that break one. */

/** @import { Violation } from "../region_rules.js" */

/** @typedef {{whole: string, parts: string[], inside: boolean, exclusive: boolean, union: boolean}} Rules */

export const REGION_RULES = {
  /** @type {Rules | null} */ rules: null,
  /** @type {{message: string, hint?: string} | null} */ error: null, // of the dialog
  /** @type {Violation[]} */ violations: [],
};

/** The fields that start anew with another video. */
export const REGION_RULES_CLOSED = { violations: REGION_RULES.violations };

/** @type {Record<string, import("./open_video.js").Case<typeof REGION_RULES>>} */
export const REGION_RULE_CASES = {
  region_rules_changed: (slice, { rules }) => ({ ...slice, rules, error: null, violations: rules ? slice.violations : [] }),
  region_rules_refused: (slice, { error }) => ({ ...slice, error }),
  violations_read: (slice, { violations }) => ({ ...slice, violations }),
};
