/** The masks of the frame on screen: tint of every visible pair, outline on top. */

import { masksHere } from "../../core/selectors.js";
import { splitPair } from "../../core/pairs.js";

const OTHERS = 0.62; // share of the opacity that pairs not selected get
const OUTLINE = { active: 2, other: 1.1 }; // CSS px

/**
 * @param {CanvasRenderingContext2D} context in CSS px
 * @param {any} scene
 * @returns {Record<string, number>} the revision drawn of each pair
 */
export function drawMasks(context, { state, view, masks }) {
  const drawn = {};
  for (const item of masksHere(state)) {
    const place = { video_id: state.video.video_id, ...splitPair(item.pair) };
    const found = masks.get({ ...place, frame_idx: state.drawn_idx });
    if (!found) continue;
    drawMask(context, found.pixels, { ...item, view, alpha: state.view.alpha / 100 });
    drawn[item.pair] = found.rev;
  }
  return drawn;
}

function drawMask(context, pixels, { colour, active, view, alpha }) {
  context.save();
  context.translate(view.x, view.y);
  context.scale(view.scale, view.scale);
  context.translate(pixels.x, pixels.y);
  context.imageSmoothingEnabled = view.scale < 1;
  context.globalAlpha = active ? alpha : alpha * OTHERS;
  context.drawImage(pixels.tinted(colour), 0, 0);
  context.globalAlpha = active ? 1 : 0.75;
  context.strokeStyle = colour;
  context.lineWidth = (active ? OUTLINE.active : OUTLINE.other) / view.scale;
  context.lineCap = "square";
  context.stroke(pixels.path());
  context.restore();
}
