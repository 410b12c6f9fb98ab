/** Keeps the frames and masks at hand that are on screen or will be soon. */

import { lookAt, sharpWidth } from "../core/frame_widths.js";
import { framesWanted, masksWanted } from "../core/prefetch.js";

/** @import { FrameCache } from "../net/frame_cache.js" */
/** @import { MaskCache } from "../net/mask_cache.js" */
/** @import { State } from "../core/state.js" */
/** @import { Store } from "../core/store.js" */

/** The part of the state that decides which frames are wanted. @param {State} state */
function framesKey({ video: { open: video }, playback: { frame_idx, heading, playing, scrubbing, pace } }) {
  const isAtEdge = video?.state === "extracting" && frame_idx >= video.extracted - 1;
  return [video?.video_id, video?.state, isAtEdge ? video.extracted : 0, frame_idx, heading, playing, scrubbing, pace.stride];
}

/** The part of the state that decides which masks are wanted. @param {State} state */
const masksKey = ({ annotations, playback, view }) => [
  annotations.masks,
  annotations.instances,
  playback.drawn_idx,
  playback.frame_idx,
  view.masks_hidden,
  playback.playing,
  playback.pace.stride,
];

/** The first frame of a batch's item that is being opened: it need not wait for the server's answer. @param {State} state */
const itemOpening = ({ video, batches, playback }) =>
  video.opening && playback.frame_idx === 0 && batches.open?.items.some(({ video_id, extracted }) => video_id === video.opening && extracted > 0) ? video.opening : null;

/**
 * Show nothing of a video that had the same id before: deleted and sent again, or replaced in its folder.
 * @param {{store: Store, caches: {forgetVideo: (video_id: string) => void}[], readVersion: (video_id: string, version: string) => void}} deps
 */
export function keepCurrent({ store, caches, readVersion }) {
  const known = new Map();
  store.watch(({ video: { list, open } }) => [list, open], ([list, open]) => {
    for (const { video_id, version } of [...(list ?? []), ...(open ? [open] : [])]) {
      if (!version || known.get(video_id) === version) continue;
      if (known.has(video_id)) for (const cache of caches) cache.forgetVideo(video_id);
      known.set(video_id, version);
      readVersion(video_id, version);
    }
  });
}

/** @param {{store: Store, frames: FrameCache, masks: MaskCache, density: () => number}} deps  density: device px per CSS px */
export function keepLoaded({ store, frames, masks, density }) {
  const look = (state) => lookAt(state, density());
  const width = (state) => (state.video.open ? sharpWidth(look(state)) : null);
  store.watch(itemOpening, (video_id) => video_id && frames.want(video_id, [0]));
  store.watch((state) => [...framesKey(state), width(state)], () => {
    const { open } = store.state.video;
    if (open) frames.want(open.video_id, framesWanted(store.state), look(store.state));
  });
  store.watch(masksKey, () => {
    const { state } = store;
    if (!state.video.open) return;
    const { video_id } = state.video.open;
    const { drawn_idx } = state.playback;
    const near = drawn_idx === null ? [] : [drawn_idx];
    const wanted = masksWanted(state, [...new Set([...near, ...framesWanted(state)])]);
    masks.want(wanted.map((mask) => ({ ...mask, video_id })));
  });
}

/**
 * Tell if a frame of the open video and, unless bare, its masks can be drawn at once.
 * @param {{store: Store, frames: FrameCache, masks: MaskCache}} deps
 * @returns {(frame_idx: number, bare: boolean) => boolean}
 */
export const readiness =
  ({ store, frames, masks }) =>
  (frame_idx, bare) => {
    const { video_id } = store.state.video.open;
    if (!frames.get(video_id, frame_idx)) return false;
    if (bare) return true;
    return masksWanted(store.state, [frame_idx]).every((mask) => (masks.get({ ...mask, video_id })?.rev ?? 0) >= mask.rev);
  };
