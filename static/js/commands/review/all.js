/** All commands of the review page, over their collaborators. */

import { readAddress, writeAddress } from "../../core/review/address.js";
import { judgingCommands } from "./judging.js";
import { playingCommands } from "./playing.js";
import { readingCommands } from "./reading.js";
import { walkingCommands } from "./walking.js";

/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */
/** @typedef {ReturnType<typeof reviewPageCommands>} ReviewCommands */

const ADDRESS_MS = 400; // browsers refuse an address that changes with every key

/**
 * @param {{store: Store<ReviewState>, api: any, later: (ms: number, callback: () => void) => void, go: (path: string) => void,
 *   server: string, shape: () => {columns: number, page_rows: number}, isReady: (cell: any) => boolean,
 *   replaceSearch: (search: string) => void}} deps  server: another one, or empty
 */
export function reviewPageCommands({ store, api, later, go, server, shape, isReady, replaceSearch }) {
  const note = (shown) => store.dispatch({ type: "note_shown", note: shown });
  const reading = readingCommands({ store, api, later });
  const address = {
    get search() {
      const { video_id, batch_id, active, filters } = store.state;
      return writeAddress({ video_id, batch_id, cell: active, filters }, server);
    },
  };
  const walking = walkingCommands({ store, address, server, go, readAll: reading.readAll, shape });
  const judging = judgingCommands({ store, api, note, step: walking.step, reread: reading.rereadSoon });
  const playing = playingCommands({ store, api, later, isReady, note });

  /** Keep the address at what is shown, so that a reload and Back come to the same cell. */
  function keepAddress() {
    let waits = false;
    store.watch(({ active, filters }) => [active, filters], () => {
      if (waits) return;
      waits = true;
      later(ADDRESS_MS, () => {
        waits = false;
        replaceSearch(address.search);
      });
    });
  }

  /** Open what the address names. @param {string} search */
  async function open(search) {
    const named = readAddress(search);
    store.dispatch({ type: "review_opened", ...named });
    if (!named.video_id && !named.batch_id) {
      store.dispatch({ type: "reading_failed", error: { message: "This address names no video and no batch.", hint: "Open the review from the work page.", status: 0 } });
      return;
    }
    keepAddress();
    await reading.readAll();
  }

  return { ...reading, ...walking, ...judging, ...playing, open };
}
