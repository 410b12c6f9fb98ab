/** Fills: whether their two sides agree, and what a stopped one left. */

import { grouped } from "./format.js";

const LEAST_AGREEMENT = 0.6; // IoU of the masks of both sides; the server's is in core/two_sides.py

/** Tell if the two sides of a fill found different masks. @param {{agreement?: number}} mask */
export const sidesDisagree = ({ agreement = null }) => agreement !== null && agreement < LEAST_AGREEMENT;

/** Tell if a run tracks between prompted frames from both sides. @param {any} job */
export const isFill = ({ mode }) => mode === "fill";

/** "12 of 30 frames filled from one side only": what a stopped fill left. Empty for other jobs. @param {any} job */
export function fillLeft({ mode, state, done, total }) {
  if (mode !== "fill" || state === "done" || state === "running" || state === "queued") return "";
  const frames = total / 2;
  const both = Math.max(0, done - frames);
  const one = Math.min(done, frames) - both;
  return one ? `${grouped(one)} of ${grouped(frames)} frames seen from one side only` : "";
}
