/** Gives the timeline the height of its lanes; what it may still take soon is kept free below the picture. */

import { CALM, laneRoom, mostLanes } from "../core/lane_room.js";
import { lanes } from "../core/selectors.js";
import { byId } from "./dom.js";
import { LANE_PX } from "./timeline/lanes_layer.js";
import { MINIMAP_PX } from "./timeline/minimap_layer.js";
import { RULER_PX } from "./timeline/ruler_layer.js";
import { STRIP_PX } from "./timeline/strip_layer.js";

/** @import { Store } from "../core/store.js" */

const BORDER_PX = 1;

/** @param {{store: Store, stage: any}} deps */
export function mountTimelineHeight({ store, stage }) {
  const transport = byId("transport");
  let seen = { video_id: null, lanes: 1 }; // most lanes of the open video: lanes that go make no jump
  const heightFor = (count) => {
    const strip_px = store.state.view.filmstrip ? STRIP_PX : 0;
    return BORDER_PX + transport.offsetHeight + RULER_PX + strip_px + count * LANE_PX + MINIMAP_PX;
  };
  const layOut = () => {
    const { video, view } = store.state;
    const video_id = video.open?.video_id ?? null;
    const before = seen.video_id === video_id ? seen.lanes : 1;
    seen = { video_id, lanes: Math.max(before, lanes(store.state).length) };
    const most = mostLanes({ window_px: innerHeight, rest_px: heightFor(0), lane_px: LANE_PX });
    const room = laneRoom(seen.lanes, most);
    document.documentElement.style.setProperty("--timeline-need", `${heightFor(room)}px`);
    const grows = view.timeline_px === null && !view.folded.includes("time");
    stage.keepFree(grows ? Math.max(0, CALM - room) * LANE_PX : 0);
  };
  new ResizeObserver(layOut).observe(transport);
  addEventListener("resize", layOut);
  store.watch((state) => [lanes(state), state.video.open?.video_id, state.view.filmstrip, state.view.timeline_px, state.view.folded], layOut);
}
