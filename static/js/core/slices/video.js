/** The list of videos, the files on their way into it, and the video that is open. */

import { isOpen } from "./open_video.js";

/** @import { Video } from "../wire.js" */
/** @typedef {{id: number, name: string, size: number, sent: number, state: string, error: any}} Upload */

export const VIDEO = {
  /** @type {Video[] | null} */ list: null,
  search: "",
  /** @type {Upload[]} */ uploads: [],
  /** @type {string | null} */ opening: null, // its video_id
  /** @type {Video | null} */ open: null,
  /** @type {number[] | null} */ pts: null, // of the open one: seconds by frame_idx
};

/** The fields that start anew with another video. */
export const VIDEO_CLOSED = { opening: VIDEO.opening, open: VIDEO.open, pts: VIDEO.pts };

/** Sort as the server does. */
const byName = (one, other) => (one.name < other.name ? -1 : Number(one.name > other.name));

function videoProgress(slice, { type, ...changes }) {
  const listed = slice.list ?? [];
  const isSame = ({ video_id }) => video_id === changes.video_id;
  const list = listed.some(isSame)
    ? listed.map((video) => (isSame(video) ? { ...video, ...changes } : video))
    : [...listed, changes].sort(byName); // one that came back is where it was
  const open = slice.open && isSame(slice.open) ? { ...slice.open, ...changes } : slice.open;
  return { ...slice, list, open };
}

/** @type {Record<string, import("./open_video.js").Case<typeof VIDEO>>} */
export const VIDEO_CASES = {
  videos_listed: (slice, { videos }) => ({ ...slice, list: videos }),
  search_changed: (slice, { search }) => ({ ...slice, search }),
  video_progress: videoProgress,
  video_deleted: (slice, { video_id }) => ({
    ...slice,
    list: slice.list?.filter((video) => video.video_id !== video_id) ?? null,
  }),
  video_chosen: (slice, { video_id }) => ({ ...slice, opening: video_id }),
  video_opened: (slice, { ack }) => ({ ...slice, opening: null, open: ack.video }),
  video_closed: (slice) => slice,
  resync: (slice, { video_id }, state) => (isOpen(state, video_id) ? { ...slice, opening: video_id } : slice),
  frame_table_loaded: (slice, { video_id, pts }, state) => (isOpen(state, video_id) ? { ...slice, pts } : slice),
  upload_queued: (slice, { upload }) => ({ ...slice, uploads: [...slice.uploads, upload] }),
  upload_changed: (slice, { id, type, ...changes }) => ({
    ...slice,
    uploads: slice.uploads.map((upload) => (upload.id === id ? { ...upload, ...changes } : upload)),
  }),
  upload_removed: (slice, { id }) => ({
    ...slice,
    uploads: slice.uploads.filter((upload) => upload.id !== id),
  }),
};
