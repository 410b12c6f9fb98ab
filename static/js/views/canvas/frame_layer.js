/** The video frame itself. */

import { across } from "../../core/viewport.js";

const SHARP_FROM_SCALE = 3; // device px per source px: from here on pixels are shown as squares

/** @param {CanvasRenderingContext2D} context in CSS px @param {any} scene */
export function drawFrame(context, { state, view, density, frames, moving }) {
  const video = state.video.open;
  const { drawn_idx } = state.playback;
  if (!video || drawn_idx === null) return;
  const bitmap = frames.get(video.video_id, drawn_idx);
  if (!bitmap) return;
  context.imageSmoothingEnabled = view.scale * density < SHARP_FROM_SCALE;
  context.imageSmoothingQuality = moving ? "low" : "high"; // high takes twice as long
  const { width, height } = video;
  context.drawImage(bitmap, view.x, view.y, width * across(view), height * view.scale);
}
