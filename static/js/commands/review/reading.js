/** Reads the cells of a review page by page, and again what changed. */

import { stepFor } from "../../core/review/filters.js";

/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */

const REST_MS = 400; // a run changes hundreds of masks a second
const MANY_ITEMS = 10; // more than these are read again together

/**
 * @param {{store: Store<ReviewState>, api: any, later: (ms: number, callback: () => void) => void}} deps
 *   api: getCells, getBatchCells
 */
export function readingCommands({ store, api, later }) {
  let latest = 0;
  let waits = false;
  const isBatch = () => store.state.batch_id !== null;
  const failed = (error) => store.dispatch({ type: "reading_failed", error: { message: error.message, hint: error.hint ?? "", status: error.status ?? 0 } });

  async function readPage(start) {
    const { batch_id, video_id, filters } = store.state;
    return batch_id ? api.getBatchCells(batch_id, { ...(start && { start }) }) : api.getCells(video_id, { start: start ?? 0, every: filters.every });
  }

  /** Return how many frames to step over, once it is known how long the video is. */
  async function chooseStep() {
    const { videos, cells } = await api.getCells(store.state.video_id, { limit: 1 });
    const every = stepFor(videos[0].num_frames * Math.max(1, cells.length));
    store.dispatch({ type: "filters_changed", changes: { every } });
  }

  /** Read everything; a newer call ends an older one. */
  async function readAll() {
    const mine = (latest += 1);
    store.dispatch({ type: "reading_began" });
    try {
      if (!isBatch() && store.state.filters.every === 0) await chooseStep();
      let start = null;
      do {
        const asked = store.state.cells;
        const { videos, cells, next, name } = await readPage(start);
        if (mine !== latest) return;
        store.dispatch({ type: "cells_read", rows: cells, videos, asked, name, is_first: start === null });
        start = next;
      } while (start !== null);
      store.dispatch({ type: "reading_ended" });
    } catch (error) {
      if (mine === latest) failed(error);
    }
  }

  /** Read everything again, and show it at once: nothing moves that did not change. */
  async function readAgain() {
    if (store.state.loading) return rereadSoon();
    const mine = (latest += 1);
    const asked = store.state.cells;
    const rows = [];
    const read = [];
    let start = null;
    do {
      const page = await readPage(start).catch(() => null); // offline: read again once the connection is back
      if (page === null || mine !== latest) return;
      for (const cell of page.cells) rows.push(cell);
      read.push(...page.videos);
      start = page.next;
    } while (start !== null);
    store.dispatch({ type: "cells_replaced", rows, videos: read, asked });
  }

  /** Read again soon, once for many changes. */
  function rereadSoon() {
    if (waits) return;
    waits = true;
    later(REST_MS, () => {
      waits = false;
      readAgain();
    });
  }

  /** The items of a batch that changed are read again. @param {{batch_id: string, items: {item: number}[]}} data */
  async function batchChanged({ batch_id, items }) {
    if (batch_id !== store.state.batch_id || !items.length) return;
    if (items.length > MANY_ITEMS) return rereadSoon();
    for (const { item } of items) {
      const asked = store.state.cells;
      const page = await api.getBatchCells(batch_id, { start: item, limit: 1 }).catch(() => null);
      if (page) store.dispatch({ type: "cells_reread", rows: page.cells, videos: page.videos, asked });
    }
  }

  return { readAll, readAgain, rereadSoon, batchChanged };
}
