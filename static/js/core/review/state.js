/** The state of the review page, and how each fact changes it. */

import { idsShown, ALL } from "./filters.js";
import { cellId, cellsOf, ofPair, withMask } from "./cells.js";

/** @import { Cell, CellVideo } from "./cells.js" */
/** @import { Filters } from "./filters.js" */
/**
 * @typedef {{video_id: string | null, batch_id: string | null, name: string, videos: Map<string, CellVideo>, cells: Map<string, Cell>,
 *   filters: Filters, shown: string[], active: string | null, anchor: string | null, selected: Set<string>, kept: string | null,
 *   loading: boolean, only_looks: boolean, error: any, note: any, dialog: string | null, playing: {id: string, frame_idx: number, cells: Map<number, Cell>} | null}} ReviewState
 *   shown: frozen until the order is renewed; kept: shown whatever it has become; cells: in order
 */

/** @type {ReviewState} */
export const NO_REVIEW = {
  video_id: null, batch_id: null, name: "", videos: new Map(), cells: new Map(), filters: ALL, shown: [], active: null, anchor: null,
  selected: new Set(), kept: null, loading: true, only_looks: false, error: null, note: null, dialog: null, playing: null,
};

/** @param {ReviewState} state @param {import("../store.js").Action} action @returns {ReviewState} */
export function reduceReview(state, action) {
  return CASES[action.type]?.(state, action) ?? state;
}

/** @type {Record<string, (state: ReviewState, action: any) => ReviewState>} */
const CASES = {
  review_opened: (state, { video_id, batch_id, cell, filters }) => ({ ...state, video_id, batch_id, filters, active: cell, anchor: cell, kept: cell }),
  access_read: (state, { access }) => ({ ...state, only_looks: access === "view" }),
  reading_began: (state) => ({ ...state, loading: true, error: null }),
  cells_read: cellsRead,
  cells_replaced: cellsReplaced,
  cells_reread: (state, { rows, videos, asked }) => ({ ...state, ...merged(state, state, { rows, videos, asked }) }),
  reading_ended: (state) => withOrder({ ...state, loading: false }),
  reading_failed: (state, { error }) => ({ ...state, loading: false, error }),
  filters_changed: (state, { changes }) => withOrder({ ...state, filters: { ...state.filters, ...changes }, kept: null }),
  size_changed: (state, { size }) => ({ ...state, filters: { ...state.filters, size } }),
  order_renewed: (state) => withOrder({ ...state, kept: null }),
  cell_chosen: cellChosen,
  all_selected: (state) => ({ ...state, selected: new Set(state.shown) }),
  selection_left: (state) => (state.selected.size ? { ...state, selected: new Set() } : state),
  masks_approved: masksJudged,
  mask_saved: (state, { saved }) => saved.reduce(maskSaved, state),
  mask_deleted: (state, { key, frame_idx }) =>
    changed(state, key, [[frame_idx, frame_idx]], { state: "missing", rev: undefined, score: null, flags: [], stale: false, absent: false, reason: null }),
  note_shown: (state, { note }) => ({ ...state, note }),
  dialog_opened: (state, { dialog }) => ({ ...state, dialog }),
  playing_changed: (state, { playing }) => ({ ...state, playing }),
};

/** Show what matches, in order; the cell in focus stays, or the first one follows. @param {ReviewState} state @returns {ReviewState} */
function withOrder(state) {
  const shown = idsShown(state.cells.values(), state.filters, state.kept);
  const there = new Set(shown);
  const active = state.active !== null && there.has(state.active) ? state.active : state.loading ? state.active : (shown[0] ?? null);
  return { ...state, shown, active, anchor: active, selected: new Set([...state.selected].filter((id) => there.has(id))) };
}

/**
 * A list that was read, laid over what was there before. Cells that changed since it was asked for are newer than the answer.
 * @param {ReviewState} state @param {{cells: Map<string, Cell>, videos: Map<string, CellVideo>}} before
 * @param {{rows: any[], videos: CellVideo[], asked?: Map<string, Cell>}} answer  asked: the cells at that time
 */
function merged(state, { cells, videos }, { rows, videos: read, asked = state.cells }) {
  const all = new Map(cells);
  for (const cell of cellsOf(rows)) {
    const known = state.cells.get(cell.id);
    all.set(cell.id, known && known !== asked.get(cell.id) ? known : cell);
  }
  const known_videos = new Map(videos);
  for (const video of read) known_videos.set(video.video_id, video);
  return { cells: all, videos: known_videos };
}

/** A page of the list; the first one replaces what was there. */
function cellsRead(state, { rows, videos, asked, name = null, is_first }) {
  const before = is_first ? { cells: new Map(), videos: new Map() } : state;
  return withOrder({ ...state, ...merged(state, before, { rows, videos, asked }), name: name ?? videos[0]?.name ?? state.name });
}

/** The whole list again, as it is now: what is shown keeps its place, and new cells that match come to it. */
function cellsReplaced(state, { rows, videos, asked }) {
  const before = state.cells;
  const next = { ...state, ...merged(state, { cells: new Map(), videos: new Map() }, { rows, videos, asked }) };
  const left = state.shown.filter((id) => next.cells.has(id));
  const kept = new Set(left);
  const fresh = idsShown([...next.cells.values()].filter(({ id }) => !before.has(id)), state.filters);
  for (const id of fresh) kept.add(id);
  const shown = state.filters.sort === "worst" ? [...left, ...fresh] : [...next.cells.keys()].filter((id) => kept.has(id));
  const active = next.cells.has(state.active) ? state.active : (shown[0] ?? null);
  return { ...next, shown, active, error: null, selected: new Set([...state.selected].filter((id) => next.cells.has(id))) };
}

function cellChosen(state, { id, extend = false, toggle = false }) {
  if (extend) return { ...state, active: id, kept: null, selected: between(state.shown, state.anchor ?? id, id) };
  const selected = toggle ? new Set(state.selected.size ? state.selected : state.active ? [state.active] : []) : new Set();
  if (toggle && !(selected.has(id) && state.selected.size)) selected.add(id);
  else if (toggle) selected.delete(id);
  return { ...state, active: id, anchor: id, selected };
}

/** @param {string[]} shown @param {string} from @param {string} to */
function between(shown, from, to) {
  const [first, last] = [shown.indexOf(from), shown.indexOf(to)].sort((a, b) => a - b);
  return new Set(shown.slice(Math.max(0, first), last + 1));
}

function masksJudged(state, { key, frames, approved, rejected = false, reason = null, stale = [] }) {
  const judged = approved ? "approved" : rejected ? "rejected" : "waiting";
  const next = changed(state, key, frames, { state: judged, reason: rejected ? reason : null, ...(approved && { stale: false }) });
  return stale.length ? changed(next, key, stale, { stale: true }) : next;
}

/** @param {ReviewState} state @param {any} saved */
function maskSaved(state, { key, frame_idx, rev, score, flags = [], approved = false, rejected = false, reason = null, absent = false }) {
  const judged = approved ? "approved" : rejected ? "rejected" : "waiting";
  return changed(state, key, [[frame_idx, frame_idx]], { state: judged, rev, score, flags, reason, absent, stale: false });
}

/** Change the masks of a pair on spans of frames, where the list has them; frames that it left out stay out. */
function changed(state, key, spans, facts) {
  const found = spans.flatMap(([first, last]) => listed(state, key, first, last));
  if (!found.length) return state;
  const cells = new Map(state.cells);
  for (const cell of found) cells.set(cell.id, withMask(cells.get(cell.id), ofPair(key), facts));
  return { ...state, cells };
}

/** The cells of a pair on a span of frames. @param {ReviewState} state @returns {Cell[]} */
function listed({ cells, batch_id, video_id, videos }, key, first, last) {
  if (batch_id) {
    const item = videos.get(key.video_id)?.item;
    const cell = cells.get(`item/${item}`);
    return cell && cell.frame_idx >= first && cell.frame_idx <= last ? [cell] : [];
  }
  if (key.video_id !== video_id) return [];
  const found = [];
  const end = Math.min(last, (videos.get(video_id)?.num_frames ?? 0) - 1);
  for (let frame_idx = first; frame_idx <= end; frame_idx += 1) {
    const cell = cells.get(cellId({ video_id, frame_idx, instance_id: key.instance_id, region: key.region }));
    if (cell) found.push(cell);
  }
  return found;
}

/** The cells that a key acts on: the selected ones, else the one in focus. @param {ReviewState} state @returns {Cell[]} */
export function cellsMeant({ cells, selected, active, shown }) {
  const ids = selected.size ? shown.filter((id) => selected.has(id)) : active === null ? [] : [active];
  return ids.map((id) => cells.get(id)).filter(Boolean);
}
