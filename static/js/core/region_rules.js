/** Words for masks that break a rule between the regions of an instance. */

import { counted, grouped } from "./format.js";

/** @typedef {{instance_id: number, frame_idx: number, outside: number, shared: number, missing: number}} Violation  counts of pixels */

/** "Frame 12, instance 1: 40 px of its parts outside, 12 px in two parts". @param {Violation} violation */
export function violationWords({ instance_id, frame_idx, outside, shared, missing }) {
  const words = [
    outside ? `${grouped(outside)} px of its parts outside of the whole` : "",
    shared ? `${grouped(shared)} px in two parts` : "",
    missing ? `${grouped(missing)} px in no part` : "",
  ];
  return `Frame ${frame_idx}, instance ${instance_id}: ${words.filter(Boolean).join(", ")}`;
}

/**
 * The next place behind the frame and instance on screen, or before them; round to the first. The list is by instance.
 * @param {Violation[]} violations @param {{frame_idx: number, instance_id: number | null}} here @returns {Violation | null}
 */
export function nextViolation(violations, { frame_idx, instance_id }) {
  const order = violations.toSorted((a, b) => a.frame_idx - b.frame_idx || a.instance_id - b.instance_id);
  const isBehind = (place) => place.frame_idx > frame_idx || (place.frame_idx === frame_idx && place.instance_id > (instance_id ?? 0));
  return order.find(isBehind) ?? order[0] ?? null;
}

/** "3 frames break a rule." @param {Violation[]} violations */
export const violationsSummary = (violations) => `${counted(new Set(violations.map(({ frame_idx }) => frame_idx)).size, "frame")} break a rule.`;
