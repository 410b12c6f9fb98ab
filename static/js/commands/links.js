/** Keeps the address of the page at the place on screen, and opens the place of an address. */

import { isJump, missingOf, pairThere, placeOf } from "../core/place.js";

/** @import { Place } from "../core/place.js" */
/** @import { PageAddress } from "../net/page_address.js" */
/** @import { Store } from "../core/store.js" */

const REST_MS = 500; // browsers refuse an address that changes with every frame that is played

/**
 * Write the place into the address as soon as it rests, and another video at once, so that a reload comes back to it. Another video, or a
 * jump, is a step for Back; else the step stays the same.
 * @param {{store: Store, address: PageAddress, later: (ms: number, callback: () => void) => void}} deps
 */
export function keepAddress({ store, address, later }) {
  /** @type {Place | null} */ let place = null;
  let waits = false;
  let changes = 0;
  let search = ""; // of the address when the place began to change

  function write() {
    waits = false;
    if (address.search === search) put(place); // else Back or Forward was pressed meanwhile
  }

  /** @param {Place | null} next */
  function put(next) {
    if (next && isJump(address.place, next)) address.push(next);
    else address.replace(next);
  }

  /** @param {string} video_id the video that is being opened */
  function leaveFor(video_id) {
    if (waits) write(); // the place that is left
    if (address.place?.video_id !== video_id) put({ video_id, frame_idx: null, instance_id: null, region: null });
  }

  /** @param {number} seen changes so far */
  function waitForRest(seen) {
    later(REST_MS, () => {
      if (waits && seen === changes) write();
      else if (waits) waitForRest(changes);
    });
  }

  store.watch(
    ({ video, playback, annotations }) => [video.open?.video_id, video.opening, playback.frame_idx, annotations.instance_id, annotations.region],
    () => {
      if (store.state.video.opening !== null) return leaveFor(store.state.video.opening);
      const before = place;
      place = placeOf(store.state);
      if (place === null && before === null) return; // nothing was open yet
      changes += 1;
      if (waits) return;
      waits = true;
      search = address.search;
      waitForRest(changes);
    },
  );
}

/**
 * @param {{store: Store, address: PageAddress, toast: Function, readPlace: () => any, listVideos: () => Promise<void>,
 *   openVideo: (video_id: string, place?: any) => Promise<void>}} deps  readPlace: what this browser remembers
 */
export function linkCommands({ store, address, toast, readPlace, listVideos, openVideo }) {
  const isListed = (video_id) => store.state.video.list?.some((video) => video.video_id === video_id) ?? false;
  const isOpen = (video_id) => store.state.video.open?.video_id === video_id && store.state.video.opening === null;

  /** Open exactly this place; says which part of it is not there. @param {Place} place */
  async function openPlace(place) {
    const { video_id, instance_id, region } = place;
    if (!isListed(video_id)) await listVideos();
    if (!isListed(video_id)) return sayNoVideo(video_id);
    const frame_idx = place.frame_idx ?? 0;
    if (store.state.playback.playing) store.dispatch({ type: "playback_changed", playing: false });
    if (isOpen(video_id)) {
      store.dispatch({ type: "pair_selected", ...pairThere(store.state, place) });
      store.dispatch({ type: "frame_requested", frame_idx });
    } else await openVideo(video_id, { frame_idx, instance_id, region });
    const missing = (await isOpened(video_id)) && missingOf(store.state, place);
    if (missing) toast({ level: "info", message: `The link names ${missing}: not in this video.`, hint: "The nearest place in it is shown." });
  }

  /** Wait until the video is open or given up: its connection may have to come first. @returns {Promise<boolean>} whether it is open */
  function isOpened(video_id) {
    return new Promise((resolve) => {
      const ended = new AbortController();
      const look = () => {
        if (store.state.video.opening === video_id) return;
        ended.abort();
        resolve(isOpen(video_id));
      };
      store.watch(({ video }) => [video.opening, video.open?.video_id], look, ended.signal);
    });
  }

  function sayNoVideo(video_id) {
    toast({ level: "error", message: `There is no video ${video_id} on this server.`, hint: "The link is to another server, or its video was deleted." });
    address.replace(placeOf(store.state));
  }

  /** Open the place in the address, after Back, Forward, or an edit by hand. */
  async function followAddress() {
    if (address.place) await openPlace(address.place);
  }

  /** Choose what the page begins with: the link's place, or where this browser left off, or the only video there is. */
  async function openFirst() {
    const { list: videos, opening } = store.state.video;
    if (opening) return;
    const { video_id, ...place } = readPlace();
    const linked = address.place;
    const isBehind = address.isReload && linked?.video_id === video_id; // the browser knows the very last frame
    if (linked && !isBehind) return openPlace(linked);
    if (videos.some((video) => video.video_id === video_id)) await openVideo(video_id, place);
    else if (videos.length === 1 && videos[0].state !== "failed") await openVideo(videos[0].video_id);
  }

  return { openPlace, followAddress, openFirst };
}
