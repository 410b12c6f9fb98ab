/** The list of videos: read, searched, deleted from. */

import { inSentence } from "../core/format.js";
import { isOwn, meOf, nameOf } from "../core/people.js";
import { deleteVideo, listVideos as fetchVideos } from "../net/api.js";
import { answersInOrder } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

const LIST_AGAIN_MS = 2000; // while any video is being extracted
const MOST_TRIES = 4;
const NOTE_MS = 15_000; // nobody looks for it

const isBusy = ({ state }) => state === "extracting";
const statesOf = ({ video: { list } }) => new Map((list ?? []).map(({ video_id, state }) => [video_id, state]));
const isSame = (one, other) => one.size === other.size && [...one].every(([video_id, state]) => other.get(video_id) === state);

/** @param {{store: Store, toast: Function, pause: (ms: number) => Promise<void>}} deps */
export function videoListCommands({ store, toast, pause }) {
  const inOrder = answersInOrder();
  let listing = false;

  /** Read the list; it is read again while something is being extracted. */
  async function listVideos() {
    const answer = await fetchList();
    if (answer) store.dispatch({ type: "videos_listed", ...answer });
    keepListing();
  }

  /**
   * The list, asked for again if a video came, went or changed its state meanwhile: the answer may be older. Not for ever:
   * while many are extracted the list is read again anyway. Null: a newer one was read.
   */
  async function fetchList(tries = MOST_TRIES) {
    const before = statesOf(store.state);
    const answer = await inOrder(fetchVideos);
    if (!answer) return null;
    return tries === 1 || isSame(before, statesOf(store.state)) ? answer : fetchList(tries - 1);
  }

  async function keepListing() {
    if (listing) return;
    listing = true;
    while (store.state.video.list.some(isBusy)) {
      await pause(LIST_AGAIN_MS);
      const answer = await fetchList().catch(() => null);
      if (answer) store.dispatch({ type: "videos_listed", ...answer });
    }
    listing = false;
  }

  /** Delete at once; the toast brings it back. @param {string} video_id */
  const removeVideo = (video_id) => deleteVideo(video_id, meOf(store.state));

  /** Tell of a deleted video, whoever deleted it. @param {{name: string, trash_id: string, by?: any}} deleted */
  function sayDeleted({ name, trash_id, by }) {
    const message = isOwn(store.state.session, by) ? `${inSentence(name)} deleted.` : `${nameOf(by)} deleted ${inSentence(name)}.`;
    toast({ level: "info", message, hint: "With its annotations.", action: "restoreTrashed", args: [trash_id] });
  }

  const noted = new Set(); // remarks on a video's file that were shown once

  /** Say once what is wrong with the file of the video that is open. */
  function sayNote() {
    const { video_id, note } = store.state.video.open ?? {};
    if (!video_id || !note || noted.has(`${video_id} ${note}`)) return;
    noted.add(`${video_id} ${note}`);
    toast({ level: "warning", message: note, hint: `About ${inSentence(store.state.video.open.name)}.`, ms: NOTE_MS });
  }

  store.watch(
    ({ video: { open } }) => [open?.video_id, open?.note],
    () => queueMicrotask(sayNote),
  );

  const searchVideos = (search) => store.dispatch({ type: "search_changed", search });

  return { listVideos, removeVideo, sayDeleted, searchVideos };
}
