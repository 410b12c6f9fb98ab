/** Tells the server which frame is on screen: it prepares the neighbours and shows other people. */

/** @import { Store } from "../core/store.js" */

const LOOK_MS = 150; // a scrub is told as a few looks, not as hundreds

/** @param {{store: Store, link: any, sender: any, later: (ms: number, callback: () => void) => void}} deps */
export function tellPresence({ store, link, sender, later }) {
  let waiting = false;

  function look() {
    waiting = false;
    const video = store.state.video.open;
    const { drawn_idx } = store.state.playback;
    const { connection } = store.state.session;
    if (!video || drawn_idx === null || connection !== "online" || store.state.video.opening) return;
    link.tell("look_at", sender.message("look_at", { video_id: video.video_id, frame_idx: drawn_idx }));
  }

  store.watch(
    (state) => [state.playback.drawn_idx, state.video.open?.video_id, state.video.opening], // opened again: told again
    () => {
      if (waiting) return;
      waiting = true;
      later(LOOK_MS, look);
    },
  );
}
