/** Batches: all of them, the one that is open with its items, and how far their processing is. */

/** @import { Batch, BatchExport, BatchItem, BatchSummary, Job } from "../wire.js" */

/** @typedef {{state: "asked" | "waiting", names: string[]}} Dropped  files that may become a batch; waiting: until they are uploaded */

export const BATCHES = {
  /** @type {BatchSummary[] | null} */ list: null,
  /** @type {Batch | null} */ open: null,
  /** @type {BatchExport[]} */ exports: [], // of the open one
  unfolded: true, // the items of the open one are listed in the panel
  /** @type {Record<string, Job>} */ jobs: {}, // the newest processing, by batch_id
  /** @type {number[]} */ cuts: [], // frames of the open video at which to cut it
  /** @type {Dropped | null} */ dropped: null,
  source: "folder", // of the next batch: folder, cut
  rule: "frames", // of a cut: frames, seconds, scene_cuts, marks
  busy: false, // one is being made, or its processing begins
  /** @type {{message: string, hint?: string} | null} */ error: null, // of the open dialog
};

/** The fields that start anew with another video. */
export const BATCHES_CLOSED = { cuts: BATCHES.cuts };

/** Changed items take their places; new ones, of a cut, come in any order. @param {Batch} open @param {BatchItem[]} changed @returns {BatchItem[]} */
function withItems(open, changed) {
  const by_number = new Map(changed.map((item) => [item.item, item]));
  const items = open.items.map((item) => by_number.get(item.item) ?? item);
  const known = new Set(open.items.map(({ item }) => item));
  const fresh = changed.filter(({ item }) => !known.has(item));
  return fresh.length ? [...items, ...fresh].sort((one, other) => one.item - other.item) : items;
}

/** A batch whose number of items changed is announced with all of them; one that a slow page missed changes of, with none (null). */
function batchChanged(batches, { type, items: changed, num_items, ...facts }) {
  const items = changed ?? [];
  const isWhole = changed !== null && items.length === num_items;
  const summary = { ...facts, items: num_items, ...(isWhole && { video_ids: items.map(({ video_id }) => video_id) }) };
  const isSame = ({ batch_id }) => batch_id === facts.batch_id;
  const listed = batches.list?.map((batch) => (isSame(batch) ? { ...batch, ...summary } : batch));
  const list = listed && !listed.some(isSame) ? [...listed, summary] : (listed ?? null);
  if (batches.open?.batch_id !== facts.batch_id) return { ...batches, list };
  const all = isWhole ? items : withItems(batches.open, items);
  return { ...batches, list, open: { ...batches.open, ...facts, items: all } };
}

function stepAnswered(batches, { batch_id, item, next, counts }) {
  if (batches.open?.batch_id !== batch_id) return batches;
  const changed = [item, next].filter(Boolean);
  return { ...batches, open: { ...batches.open, counts, items: withItems(batches.open, changed) } };
}

function jobChanged(batches, { type, ...job }) {
  return job.kind === "batch" ? { ...batches, jobs: { ...batches.jobs, [job.batch_id]: job } } : batches;
}

function batchDeleted(batches, { batch_id }) {
  const list = batches.list?.filter((batch) => batch.batch_id !== batch_id) ?? null;
  return { ...batches, list, open: batches.open?.batch_id === batch_id ? null : batches.open };
}

function cutToggled(batches, { frame_idx }) {
  const cuts = batches.cuts.filter((cut) => cut !== frame_idx);
  if (cuts.length === batches.cuts.length) cuts.push(frame_idx);
  return { ...batches, cuts: cuts.sort((one, other) => one - other) };
}

/** A case that stores the fields of its action as they are. */
const stored = (batches, { type, ...fields }) => ({ ...batches, ...fields });

/** @type {Record<string, import("./open_video.js").Case<typeof BATCHES>>} */
export const BATCH_CASES = {
  batches_listed: (batches, { batches: list }) => ({ ...batches, list }),
  batch_opened: (batches, { batch }) => ({
    ...batches,
    open: batch,
    exports: batches.open?.batch_id === batch.batch_id ? batches.exports : [],
  }),
  batch_closed: (batches) => ({ ...batches, open: null, exports: [] }),
  batch_exports_listed: (batches, { batch_id, exports }) => (batches.open?.batch_id === batch_id ? { ...batches, exports } : batches),
  batch_changed: batchChanged,
  batch_deleted: batchDeleted,
  batch_step_answered: stepAnswered,
  batch_items_folded: stored,
  batch_choice_made: stored,
  cut_toggled: cutToggled,
  files_dropped: stored,
  job_progress: jobChanged,
  job_ended: jobChanged,
};
