/** Tracks a correction on by itself once the hand rests, where the user wants it. */

import { correctedPair } from "../core/restarts.js";

/** @import { Store } from "../core/store.js" */

const REST_MS = 1500; // after the last change

/** @param {{store: Store, start: (run: any) => Promise<any>, later: (ms: number, callback: () => void) => void}} deps */
export function retrackCorrections({ store, start, later }) {
  const waiting = new Map(); // pair → its newest change

  function track(corrected) {
    const { pair, pairs, direction, video_id } = corrected;
    if (waiting.get(pair) !== corrected) return; // changed again meanwhile
    waiting.delete(pair);
    const { view, annotations, video } = store.state;
    const is_stale = Object.values(annotations.masks[pair] ?? {}).some(({ stale, run }) => stale && run !== null);
    if (!view.retrack || !is_stale || video.open?.video_id !== video_id) return;
    start({ pairs, start: null, end: null, direction, from_frame: null, approved: "keep", mode: "stretch" });
  }

  let newest = 0; // seq of the last op that was looked at
  store.watch(
    (state) => state.annotations.ops.at(-1)?.seq ?? 0,
    (seq) => {
      if (seq <= newest) return;
      newest = seq;
      const corrected = store.state.view.retrack ? correctedPair(store.state) : null;
      if (!corrected) return;
      waiting.set(corrected.pair, corrected);
      later(REST_MS, () => track(corrected));
    },
  );
}
