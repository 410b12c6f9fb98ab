/** Draws the filmstrip: a picture of every few frames, cropped to its place. */

import { middlePart, stripFrames } from "../../core/filmstrip.js";
import { pixelAspect, shownWidth } from "../../core/pixel_aspect.js";
import { LABEL_PX } from "../../core/timespan.js";

export const STRIP_PX = 34;
export const THUMB_WIDTH = 112; // px of the pictures asked for
const GAP_PX = 1;
const MOST_ENLARGED = 1.5; // a picture whose place is wider stands in its middle, whole

/** Frames in the strip now. @param {any} scene @returns {{frame_idx: number, frames: number}[]} */
export function framesInStrip({ video, scale }) {
  const picture_px = (STRIP_PX * shownWidth(video)) / video.height;
  const extracted = video.state === "ready" ? video.num_frames : video.extracted;
  return stripFrames(scale, picture_px, extracted);
}

/** @param {CanvasRenderingContext2D} context @param {any} scene @returns {number} how many pictures there were to draw */
export function paintStrip(context, { video, scale, colours, thumbnails }) {
  let drawn = 0;
  context.save();
  context.beginPath();
  context.rect(LABEL_PX, 0, scale.inner, STRIP_PX);
  context.clip();
  for (const { frame_idx, frames } of framesInStrip({ video, scale })) {
    const left = scale.x(frame_idx);
    const wide = Math.min(scale.x(Math.min(video.num_frames, frame_idx + frames)) - left, frames * scale.px) - GAP_PX;
    const picture = thumbnails.get(video.video_id, frame_idx, THUMB_WIDTH);
    const place = { left, wide };
    const shown = picture && { width: picture.width * pixelAspect(video), height: picture.height };
    if (!shown || isRoomy(place, shown)) paintPlace(context, place, colours.track);
    if (shown) paintPicture(context, { picture, shown }, isRoomy(place, shown) ? middleOf(place, shown) : place);
    drawn += picture ? 1 : 0;
  }
  context.restore();
  return drawn;
}

const wholeWidth = (picture) => (STRIP_PX * picture.width) / picture.height;
const isRoomy = ({ wide }, picture) => wide > MOST_ENLARGED * wholeWidth(picture);

function middleOf({ left, wide }, picture) {
  return { left: left + (wide - wholeWidth(picture)) / 2, wide: wholeWidth(picture) };
}

/** Draw the middle of the picture, as large as its place. */
function paintPicture(context, { picture, shown }, { left, wide }) {
  if (wide <= 0) return;
  const { x, y, width, height } = middlePart(shown, { width: wide, height: STRIP_PX });
  const narrow = picture.width / shown.width;
  context.drawImage(picture, x * narrow, y, width * narrow, height, left, 0, wide, STRIP_PX);
}

function paintPlace(context, { left, wide }, colour) {
  context.fillStyle = colour;
  context.fillRect(left, 0, wide, STRIP_PX);
}
