/** The address of a review: its video or batch, its filters, and the cell in focus. */

import { ALL, CHOICES, SIZE } from "./filters.js";

/** @import { Filters } from "./filters.js" */
/** @typedef {{video_id: string | null, batch_id: string | null, cell: string | null, filters: Filters}} ReviewAddress */

/** @param {string} search @returns {ReviewAddress} */
export function readAddress(search) {
  const fields = new URLSearchParams(search);
  const filters = { ...ALL };
  for (const name of Object.keys(CHOICES)) {
    const value = fields.get(name);
    if (value !== null && value in CHOICES[name]) filters[name] = value;
  }
  for (const name of ["instance", "region"]) filters[name] = fields.get(name) ?? ALL[name];
  filters.every = wholeNumber(fields.get("every"), ALL.every, 0, 100_000);
  filters.size = wholeNumber(fields.get("size"), ALL.size, SIZE.min, SIZE.max);
  return { video_id: fields.get("video"), batch_id: fields.get("batch"), cell: fields.get("cell"), filters };
}

/** @param {string | null} text @param {number} otherwise @param {number} least @param {number} most */
function wholeNumber(text, otherwise, least, most) {
  if (text === null || !/^[0-9]{1,7}$/.test(text)) return otherwise;
  return Math.min(most, Math.max(least, Number(text)));
}

/** The query of a review; what is as usual is left out. @param {ReviewAddress} address @param {string | null} server another server */
export function writeAddress({ video_id, batch_id, cell, filters }, server = null) {
  const fields = new URLSearchParams();
  if (server) fields.set("server", server);
  if (batch_id) fields.set("batch", batch_id);
  else if (video_id) fields.set("video", video_id);
  for (const [name, value] of Object.entries(filters)) if (value !== ALL[name]) fields.set(name, String(value));
  if (cell) fields.set("cell", cell);
  return `?${fields}`;
}

/**
 * The address of the work page at a cell; it carries the address of the review, to come back to.
 * @param {import("./cells.js").Cell} cell @param {string} review query of the review @param {string | null} server
 */
export function workAddress({ video_id, frame_idx, masks }, review, server = null) {
  const fields = new URLSearchParams();
  if (server) fields.set("server", server);
  fields.set("video", video_id);
  fields.set("frame", String(frame_idx));
  const [mask] = masks;
  if (mask) fields.set("pair", `${mask.instance_id}/${mask.region}`);
  fields.set("review", review);
  return `/?${fields}`;
}

/** The address of the review that the work page was opened from, or null. @param {string} search of the work page */
export function reviewBehind(search) {
  const review = new URLSearchParams(search).get("review");
  return review === null ? null : `/review${review.startsWith("?") ? review : ""}`;
}
