/** One pure case per fact. Server facts carry their wire name; local ones are named in past tense. */

import { EXCHANGE_CASES } from "./reduce_exchange.js";
import { MARK_CASES } from "./reduce_marks.js";
import { OP_CASES } from "./reduce_ops.js";
import { SHOWN_CASES } from "./reduce_shown.js";
import { TIMELINE_CASES } from "./reduce_timeline.js";
import { VIDEO_CASES } from "./reduce_video.js";
import { VIEW_CASES } from "./reduce_view.js";

const CASES = { ...VIDEO_CASES, ...MARK_CASES, ...OP_CASES, ...VIEW_CASES, ...TIMELINE_CASES, ...SHOWN_CASES, ...EXCHANGE_CASES };

/**
 * @param {import("./state.js").State} state
 * @param {import("./store.js").Action} action
 * @returns {import("./state.js").State}
 */
export function reduce(state, action) {
  const apply = CASES[action.type];
  if (!apply) throw new Error(`no case for the action ${action.type}`);
  return apply(state, action);
}

/** Every action there is. */
export const ACTION_TYPES = Object.freeze(Object.keys(CASES));
