/** Keeps the settings of this browser, and the place in the video for a reload. */

import * as preferences from "../net/preferences.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, settings: Storage, session: Storage, local: Storage}} deps settings: of all servers; session, local: of this one */
export function remember({ store, settings, session, local }) {
  store.dispatch({ type: "preferences_read", preferences: preferences.readTastes(settings) });
  store.watch(
    ({ view }) => Object.values(preferences.tastesOf(view)),
    () => preferences.writeTastes(settings, store.state.view),
  );
  store.watch(
    ({ video, playback, annotations }) => [video.open?.video_id, playback.frame_idx, annotations.instance_id, annotations.region],
    () => preferences.writePlace(session, local, store.state),
  );
}
