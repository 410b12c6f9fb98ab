/** A larger picture of the frame under the pointer, above the timeline. */

import { timecode } from "../../core/format.js";
import { shownWidth } from "../../core/pixel_aspect.js";
import { secondsAt } from "../../core/selectors.js";
import { el, setText } from "../dom.js";

/** @import { Store } from "../../core/store.js" */

const WIDTH = 224; // px of the picture asked for
const EDGE_PX = 6;

/** @param {HTMLElement} root @param {{store: Store, thumbnails: any}} deps */
export function makePreview(root, { store, thumbnails }) {
  const picture = el("canvas", {});
  const caption = el("span", { class: "num" });
  const box = el("div", { class: "frame-preview", testid: "frame-preview", hidden: true, aria: { hidden: "true" } }, picture, caption);
  root.append(box);
  let shown = null; // the frame under the pointer

  function draw() {
    const video = store.state.video.open;
    if (shown === null || !video) return;
    const found = thumbnails.get(video.video_id, shown, WIDTH);
    box.dataset.loaded = String(Boolean(found));
    if (found) picture.getContext("2d").drawImage(found, 0, 0, picture.width, picture.height);
    else picture.getContext("2d").clearRect(0, 0, picture.width, picture.height);
  }

  function place(x) {
    const wide = picture.width + 2;
    const left = Math.min(Math.max(EDGE_PX, x - wide / 2), root.clientWidth - wide - EDGE_PX);
    box.style.transform = `translateX(${left}px)`;
  }

  /** @param {number} frame_idx @param {number} x in CSS px of the timeline */
  function show(frame_idx, x) {
    const video = store.state.video.open;
    const moved = shown !== frame_idx;
    shown = frame_idx;
    box.hidden = false;
    if (moved) {
      picture.width = Math.min(WIDTH, Math.round((160 * shownWidth(video)) / video.height));
      picture.height = Math.round((picture.width * video.height) / shownWidth(video));
      setText(caption, `frame ${frame_idx} · ${timecode(secondsAt(store.state, frame_idx))}`);
      draw();
    }
    place(x);
  }

  function hide() {
    shown = null;
    box.hidden = true;
  }

  /** Pictures to load. @returns {{frame_idx: number, width: number}[]} */
  const wanted = () => (shown === null ? [] : [{ frame_idx: shown, width: WIDTH }]);
  thumbnails.onReady(draw);
  return { show, hide, wanted };
}
