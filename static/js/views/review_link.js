/** The button in the header that leads to the review page, or back to it. */

import { setText } from "./dom.js";

/** @param {any} button @param {{store: import("../core/store.js").Store, commands: any, keys: (name: string) => string}} deps */
export function mountReviewLink(button, { store, commands, keys }) {
  button.addEventListener("click", () => commands.openReview());
  store.watch((state) => state.video.open?.video_id, (video_id) => {
    const is_back = commands.cameFromReview();
    button.hidden = !video_id && !is_back;
    setText(button, is_back ? "Back to review" : "Review");
    button.title = is_back ? `Back to the cell in the review (${keys("takeCornerBack")})` : `All frames and pairs in a grid: approve, reject, find what is wrong (${keys("openReview")})`;
  });
}
