/** One's name for others, and what others do to one's own changes. */

import { isOwn, nameOf, placeWords } from "../core/people.js";

/** @import { Store } from "../core/store.js" */

const TOLD_MS = 20_000; // somebody who looks at another window still finds it

/** @param {{store: Store, ops: any, toast: Function, openVideo: (video_id: string, place?: any) => Promise<void>}} deps */
export function peopleCommands({ store, ops, toast, openVideo }) {
  /** Be called this from now on, in this browser. @param {string} name */
  const nameMe = (name) => store.dispatch({ type: "name_given", my_name: name.trim(), name_asked: true });
  const leaveNameless = () => store.dispatch({ type: "name_given", my_name: store.state.view.my_name, name_asked: true });

  /** Do what was asked about first, because it touches another person's work. @param {string} event @param {any} data its fields */
  function doAnyway(event, data) {
    ops.submit(event, { ...data, any: true });
  }

  /** Tell of one's own change that somebody took back. @param {any} taken */
  function sayTakenBack({ key, frame_idx, way, change, by, of }) {
    if (!of || !isOwn(store.state.session, of)) return;
    const did = way === "undo" ? `took back your ${change}` : `redid what you undid (${change})`;
    toast({ level: "info", message: `${nameOf(by)} ${did} on ${placeWords(key, frame_idx)}.`, action: "goToPlace", args: [key, frame_idx], ms: TOLD_MS });
  }

  /** Show a frame with a pair selected, of another video, too. @param {any} key @param {number} frame_idx */
  async function goToPlace({ video_id, instance_id, region }, frame_idx) {
    if (store.state.video.open?.video_id !== video_id) return openVideo(video_id, { frame_idx, instance_id, region });
    store.dispatch({ type: "pair_selected", instance_id, region });
    store.dispatch({ type: "frame_requested", frame_idx });
  }

  return { nameMe, leaveNameless, doAnyway, sayTakenBack, goToPlace };
}
