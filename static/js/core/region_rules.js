/** Words for masks that break a rule between the regions of an instance. */

import { counted, grouped } from "./format.js";
import { pairName } from "./pairs.js";

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

/**
 * The violations with those of a stretch read anew; null if nothing changed.
 * @param {Violation[]} known @param {Violation[]} read @param {{start: number, end: number}} stretch frames
 */
export function withViolations(known, read, { start, end }) {
  const isInside = ({ frame_idx }) => frame_idx >= start && frame_idx <= end;
  const before = known.filter(isInside);
  if (JSON.stringify(before) === JSON.stringify(read)) return null;
  return [...known.filter((violation) => !isInside(violation)), ...read];
}

const KNOWN = new WeakMap();

/**
 * Stretches of frames that break a rule, by pair: of every region that the rules name.
 * @param {{rules: any, violations: Violation[]}} slice @returns {Record<string, {start: number, end: number}[]>}
 */
export function brokenRuns(slice) {
  const { rules, violations } = slice;
  if (!rules || !violations.length) return {};
  if (!KNOWN.has(slice)) KNOWN.set(slice, runsByPair(rules, violations));
  return KNOWN.get(slice);
}

function runsByPair({ whole, parts }, violations) {
  const found = {};
  for (const { instance_id, frame_idx } of violations.toSorted((a, b) => a.frame_idx - b.frame_idx)) {
    for (const region of [whole, ...parts]) {
      const runs = (found[pairName(instance_id, region)] ??= []);
      if (runs.at(-1)?.end === frame_idx - 1) runs.at(-1).end = frame_idx;
      else runs.push({ start: frame_idx, end: frame_idx });
    }
  }
  return found;
}

/** "12 frames break a rule." in the dialog; empty without rules. @param {{rules: any, violations: Violation[]}} slice */
export function brokenSummary({ rules, violations }) {
  if (!rules) return "No rule holds now.";
  return violations.length ? violationsSummary(violations) : "No frame of this video breaks a rule.";
}
