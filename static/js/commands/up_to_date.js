/** Asks the server again where an event overtook its answer. */

/** @import { State } from "../core/state.js" */

/**
 * Ask about a part of the open video, and again while that part changed before the answer came: an event between may be
 * newer than the answer, and so may the answer to a later question.
 * @template T @param {any} store @param {string} video_id @param {(state: State) => unknown} part @param {() => Promise<T>} ask @returns {Promise<T>}
 */
export async function upToDate(store, video_id, part, ask) {
  for (;;) {
    const before = part(store.state);
    const answer = await ask();
    const { state } = store;
    if (state.video.open?.video_id !== video_id || part(state) === before) return answer;
  }
}
