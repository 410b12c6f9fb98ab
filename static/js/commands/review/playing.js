/** Plays the frames around a cell in place. */

import { cellsOf } from "../../core/review/cells.js";

/** @import { Cell } from "../../core/review/cells.js" */
/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */

const AROUND = 12; // frames before and after
const STEP_MS = 110;
const WAITS_MS = 1500; // for a picture, at most

/**
 * @param {{store: Store<ReviewState>, api: any, later: (ms: number, callback: () => void) => void, isReady: (cell: Cell) => boolean,
 *   note: (note: any) => void}} deps  api: getCells; isReady: whether the pictures of a cell are here
 */
export function playingCommands({ store, api, later, isReady, note }) {
  const stop = () => store.state.playing && store.dispatch({ type: "playing_changed", playing: null });

  /** The frames around a cell, with the masks that the cell has. @param {Cell} cell @returns {Promise<Map<number, Cell>>} */
  async function around(cell) {
    const start = Math.max(0, cell.frame_idx - AROUND);
    const { cells } = await api.getCells(cell.video_id, { start, end: cell.frame_idx + AROUND });
    const isWanted = (row) => cell.masks.some(({ instance_id, region }) => instance_id === row.instance_id && region === row.region);
    const frames = new Map();
    for (const one of cellsOf(cells.filter(isWanted))) {
      const { frame_idx, masks } = one;
      frames.set(frame_idx, { ...cell, frame_idx, masks: [...(frames.get(frame_idx)?.masks ?? []), ...masks] });
    }
    return frames;
  }

  function advance(id, waited_ms = 0) {
    const { playing } = store.state;
    if (!playing || playing.id !== id) return;
    const frames = [...playing.cells.keys()];
    const next = frames[(frames.indexOf(playing.frame_idx) + 1) % frames.length];
    const is_late = waited_ms >= WAITS_MS;
    if (is_late || isReady(playing.cells.get(next))) store.dispatch({ type: "playing_changed", playing: { ...playing, frame_idx: next } });
    const waited = is_late || store.state.playing?.frame_idx === next ? 0 : waited_ms + STEP_MS;
    later(STEP_MS, () => advance(id, waited));
  }

  /** Play around the cell in focus, or stop. */
  async function togglePlay() {
    if (store.state.playing) return stop();
    const cell = store.state.cells.get(store.state.active);
    if (!cell || !cell.masks.length) return note({ level: "info", message: "There is nothing to play here: this item has no masks." });
    const cells = await around(cell);
    if (store.state.active !== cell.id || cells.size < 2) return;
    store.dispatch({ type: "playing_changed", playing: { id: cell.id, frame_idx: cell.frame_idx, cells } });
    advance(cell.id);
  }

  /** Stop playing when another cell becomes the active one. */
  store.watch((state) => state.active, (active) => {
    if (store.state.playing && store.state.playing.id !== active) later(0, stop);
  });

  return { togglePlay };
}
