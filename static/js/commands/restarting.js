/** A change of prompts under a run restarts that pair from there, once the hand rests. */

import { outdating, restartOf, runOf } from "../core/restarts.js";

/** @import { Store } from "../core/store.js" */

const REST_MS = 1200; // after the last change: a few clicks make one run

/** @param {{store: Store, toast: Function, start: (run: any) => Promise<any>, later: (ms: number, callback: () => void) => void}} deps */
export function restartRuns({ store, toast, start, later }) {
  const waiting = new Map(); // pair → its newest change

  function restart(outdated) {
    if (waiting.get(outdated.pair) !== outdated) return; // changed again meanwhile
    waiting.delete(outdated.pair);
    const { key, frame_idx, pair } = outdated;
    const has_prompts = Object.keys(store.state.annotations.prompts[pair] ?? {}).length > 0;
    if (key.video_id !== store.state.video.open?.video_id || !has_prompts || !runOf(store.state, key)) return;
    toast({ level: "info", about: "restart", message: `The run of ${pair.replace("/", " ")} restarts from frame ${frame_idx}: its prompts changed.` });
    start(restartOf(outdated));
  }

  let newest = 0; // seq of the last op that was looked at: only a change made under the run counts
  store.watch(
    (state) => state.annotations.ops.at(-1)?.seq ?? 0,
    (seq) => {
      if (seq <= newest) return;
      newest = seq;
      const outdated = outdating(store.state);
      if (!outdated) return;
      waiting.set(outdated.pair, outdated);
      later(REST_MS, () => restart(outdated));
    },
  );
}
