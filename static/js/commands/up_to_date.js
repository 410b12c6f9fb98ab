/** Keeps answers of the server from hiding what is newer: an event, or the answer to a later question. */

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

/**
 * Make a reader of one thing that is read again and again: of two questions on their way the first may be answered last.
 * @returns {<T>(ask: () => Promise<T>) => Promise<T | null>} null: a later question was answered before
 */
export function answersInOrder() {
  let asked = 0;
  let taken = 0;
  return async (ask) => {
    const mine = (asked += 1);
    const answer = await ask();
    if (mine < taken) return null;
    taken = mine;
    return answer;
  };
}
