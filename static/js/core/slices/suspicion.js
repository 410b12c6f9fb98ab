/** Suspicion of the masks of the open video, as read last: the places worst first, and a curve per pair. */

/**
 * @typedef {{stop: string, instance_id: number, region: string, first: number, last: number, frame_idx: number, score: number, reasons: string[]}} Stop
 *   frame_idx: its worst frame; score: 0 to 1
 */

export const SUSPICION = {
  /** @type {Stop[] | null} */ stops: null,
  /** @type {Record<string, [number, number][]>} */ curves: {}, // [frame_idx, 0 to 1], by pair
  /** @type {string | null} */ at: null, // the stop that was gone to last
};

/** The fields that start anew with another video. */
export const SUSPICION_CLOSED = SUSPICION;

/** @type {Record<string, import("./open_video.js").Case<typeof SUSPICION>>} */
export const SUSPICION_CASES = {
  suspicions_read: (suspicion, { stops }) => ({ ...suspicion, stops }),
  suspicion_curves_read: (suspicion, { curves }) => ({ ...suspicion, curves }),
  suspicion_visited: (suspicion, { at }) => ({ ...suspicion, at }),
};
