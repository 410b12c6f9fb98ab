/** Leads to the review page, and back to the cell that a frame was opened from. */

import { reviewBehind } from "../core/review/address.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, address: {search: string}, go: (path: string) => void, server: {url: string}}} deps */
export function reviewPageLinks({ store, address, go, server }) {
  /** The address of the open video's review, or null. */
  function reviewOfVideo() {
    const video_id = store.state.video.open?.video_id;
    if (!video_id) return null;
    return `/review?${new URLSearchParams({ ...(server.url && { server: server.url }), video: video_id })}`;
  }

  /** Review the open video; whoever came from a review goes back to that. */
  function openReview() {
    const path = reviewBehind(address.search) ?? reviewOfVideo();
    if (!path) return false;
    go(path);
  }

  /** Back to the cell that this frame was opened from. @returns {boolean} whether there is one */
  function backToReview() {
    const path = reviewBehind(address.search);
    if (path) go(path);
    return path !== null;
  }

  return { openReview, backToReview, cameFromReview: () => reviewBehind(address.search) !== null };
}
