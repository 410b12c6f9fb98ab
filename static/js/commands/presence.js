/** Tells the server which frame is on screen and which pair is selected: it prepares the neighbours and shows other people. */

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
    const { instance_id, region } = store.state.annotations;
    const pair = instance_id === null || region === null ? null : { instance_id, region };
    link.tell("look_at", sender.message("look_at", { video_id: video.video_id, frame_idx: drawn_idx, pair, name: store.state.view.my_name }));
  }

  store.watch(
    ({ playback, video, annotations, view }) =>
      [playback.drawn_idx, video.open?.video_id, video.opening, annotations.instance_id, annotations.region, view.my_name], // opened again: told again
    () => {
      if (waiting) return;
      waiting = true;
      later(LOOK_MS, look);
    },
  );
}
