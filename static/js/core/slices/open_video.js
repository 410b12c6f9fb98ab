/** Tells facts about the open video from facts about others. */

/** @import { State } from "../state.js" */

/**
 * Changes a slice by an action; `state` is the whole state as it was before the action.
 * @template Slice
 * @typedef {(slice: Slice, action: any, state: State) => Slice} Case
 */

/** @param {State} state @param {string | undefined} video_id */
export const isOpen = (state, video_id) => video_id !== undefined && video_id === state.video.open?.video_id;

/** Tell if the action ends the work on the video that is open or being opened. @param {State} state @param {any} action */
export function leavesVideo({ video }, { type, video_id }) {
  const current = video.opening ?? video.open?.video_id;
  if (type === "video_chosen") return video_id !== current; // the same one again keeps the place in it
  return type === "video_closed" || (type === "video_deleted" && video_id === current);
}
