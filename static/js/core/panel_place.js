/** Places a small panel: beside what it belongs to, off the messages, inside the window. */

const GAP_PX = 6;
const EDGE_PX = 8;

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/**
 * Below the anchor, or above it where there is more room; where messages would be covered left of them, and where there is no room either, above them.
 * @param {{width: number, height: number}} size
 * @param {Box} anchor
 * @param {{width: number, height: number}} view
 * @param {Box | null} messages
 * @returns {{left: number, top: number, max_height: number | null}} in pixels; null: as high as it is
 */
export function placePanel({ width, height }, anchor, view, messages) {
  const below = view.height - anchor.bottom - GAP_PX - EDGE_PX;
  const above = anchor.top - GAP_PX - EDGE_PX;
  const wanted = height <= below || below >= above ? anchor.bottom + GAP_PX : anchor.top - GAP_PX - height;
  const left = Math.max(EDGE_PX, Math.min(anchor.left, view.width - EDGE_PX - width));
  const top = Math.max(EDGE_PX, Math.min(wanted, view.height - EDGE_PX - height));
  if (!messages || !meet({ left, top, right: left + width, bottom: top + height }, messages)) return { left, top, max_height: null };
  const beside = messages.left - GAP_PX - width;
  if (beside >= EDGE_PX) return { left: beside, top, max_height: null };
  const lowest = messages.top - GAP_PX;
  return { left, top: Math.max(EDGE_PX, Math.min(top, lowest - height)), max_height: Math.min(height, lowest - EDGE_PX) };
}

const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
