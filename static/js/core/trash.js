/** Words for what was deleted. */

import { byteSize } from "./format.js";

/** @import { TrashItem, TrashList } from "./slices/trash.js" */

const KINDS = { video: "Video", instance: "Instance", region: "Region", masks: "Dropped masks", export: "Export", batch: "Batch", files: "Files" };
export const ICONS = { video: "film", instance: "circle-dot", region: "layers", masks: "eraser", export: "download", batch: "layers", files: "info" };

/** "Instance of demo · deleted by Anna · 30 Nov 2026, 14:05 · 2.1 MB". @param {TrashItem} item @param {(seconds: number) => string} dateText */
export function itemFacts({ kind, video_id, client, deleted_at, bytes }, dateText) {
  const of = video_id && kind !== "video" ? ` of ${video_id}` : "";
  return [`${KINDS[kind] ?? kind}${of}`, client ? `deleted by ${client}` : "deleted", dateText(deleted_at), byteSize(bytes)].join(" · ");
}

/** "3 things, 12 MB. Kept for 30 days, up to 20 GB." @param {TrashList | null} list */
export function trashSummary(list) {
  if (!list) return "";
  if (!list.items.length) return "Nothing is in the trash.";
  const bounds = [list.days && `for ${list.days} days`, list.max_bytes && `up to ${byteSize(list.max_bytes)}`].filter(Boolean).join(", ");
  const count = list.items.length;
  return `${count} ${count === 1 ? "thing" : "things"}, ${byteSize(list.bytes)}.${bounds ? ` Kept ${bounds}.` : ""}`;
}

/** Say what the trash dropped by itself, in a sentence, or "". @param {TrashList | null} list */
export function droppedWords(list) {
  if (!list?.dropped.length) return "";
  return `No longer here: ${list.dropped.map(({ name, why }) => `${name} (${why})`).join("; ")}.`;
}
