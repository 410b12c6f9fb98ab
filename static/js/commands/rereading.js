/** Asks the server again for a part of the open video, where the page may be wrong about it. */

import { target } from "../core/ops.js";
import { pairOfKey } from "../core/pairs.js";
import { knownOf } from "../core/slices/marks.js";
import { getKeypoints, getMasks, getPrompts } from "../net/api.js";
import { upToDate } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store}} deps */
export function rereadingCommands({ store }) {
  const reading = new Map(); // pair → the facts known when it was asked for last

  /** The part that an op changes. @param {{event: string, data: any}} op */
  async function reread({ event, data }) {
    if (target(event, data) === null) return;
    if (event.endsWith("keypoint") || data.scope === "keypoints") return rereadKeypoints(data);
    await rereadPair(data.key);
  }

  /** Ask again what one pair holds: the newest answer counts, and what is announced meanwhile. @param {any} key */
  async function rereadPair(key) {
    const pair = pairOfKey(key);
    const asked = knownOf(store.state.annotations, key);
    reading.set(pair, asked);
    const [{ prompts }, { masks }] = await Promise.all([getPrompts(key), getMasks(key)]);
    if (reading.get(pair) === asked) store.dispatch({ type: "pair_reread", key, prompts, masks, asked });
  }

  async function rereadKeypoints({ video_id, instance_id, key }) {
    const place = key ?? { video_id, instance_id };
    const part = (state) => state.annotations.keypoints[place.instance_id];
    const { keypoints } = await upToDate(store, place.video_id, part, () => getKeypoints(place.video_id, place.instance_id));
    store.dispatch({ type: "keypoints_reread", ...place, keypoints });
  }

  return { reread, rereadPair };
}
