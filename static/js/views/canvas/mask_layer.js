/** The masks of the frame on screen: tint of every visible pair, outline on top. */

import { isRebuild } from "../../core/run_history.js";
import { currentPair, masksHere } from "../../core/selectors.js";
import { splitPair } from "../../core/pairs.js";
import { across } from "../../core/viewport.js";
import { dashes } from "./dashes.js";
import { drawDifference } from "./difference.js";

const OUTLINE = { active: 2.4, other: 1.1 }; // CSS px
const LEAST_OUTLINE = 0.25; // opacity of the outlines of other pairs, however little their masks have
const BEFORE = [{ colour: "#000", px: 3 }, { colour: "#fff", px: 1.3 }]; // lines that can be told from any picture
const TRIED = 0.6; // opacity of the outline of what a click would lead to
const LEAST_PAINTED = 0.3; // opacity of what is being painted, however little the masks have

/**
 * @param {CanvasRenderingContext2D} context in CSS px
 * @param {any} scene
 * @returns {Record<string, number>} the revision drawn of each pair
 */
export function drawMasks(context, { state, view, masks, draft, moving }) {
  /** @type {Record<string, number>} */
  const drawn = {};
  const painting = draft?.painting;
  for (const item of masksHere(state)) {
    const place = { video_id: state.video.open.video_id, ...splitPair(item.pair) };
    const at = { ...place, frame_idx: state.playback.drawn_idx };
    const found = masks.get(at);
    if (!found || item.pair === painting?.pair) continue;
    const instead = masks.shownInstead(at);
    const before = masks.before(at);
    drawn[item.pair] = found.rev;
    if (before && state.run_history.flicker) {
      drawMask(context, before, { ...item, view, moving, taste: state.view });
      continue;
    }
    if (before && state.run_history.compared !== null) {
      const [older, newer] = isRebuild(state.run_history.compared) ? [found.pixels, before] : [before, found.pixels];
      inImage(context, view, () => drawDifference(context, older, newer));
      continue;
    }
    drawMask(context, instead ?? found.pixels, { ...item, view, moving, taste: state.view });
    if (instead) drawBefore(context, found.pixels, view);
  }
  const { tried } = state.view;
  if (tried && tried.frame_idx === state.playback.drawn_idx && tried.pair === currentPair(state)) drawTried(context, tried.pixels, view);
  if (painting) drawPainting(context, painting, { view, alpha: state.view.alpha / 100 });
  return drawn;
}

/** Draw in source pixels. */
function inImage(context, view, draw) {
  context.save();
  context.translate(view.x, view.y);
  context.scale(across(view), view.scale);
  context.imageSmoothingEnabled = view.scale < 1;
  draw();
  context.restore();
}

function drawMask(context, pixels, { colour, active, mask, view, moving, taste }) {
  const { alpha, others_alpha, mask_style } = taste;
  const share = active ? 1 : others_alpha / 100;
  inImage(context, view, () => {
    context.translate(pixels.x, pixels.y);
    if (moving) context.imageSmoothingEnabled = false;
    context.globalAlpha = (alpha / 100) * share;
    if (mask_style !== "outline") context.drawImage(pixels.tinted(colour), 0, 0);
    if (mask_style === "fill") return;
    context.globalAlpha = Math.max(share, LEAST_OUTLINE);
    context.strokeStyle = mask.stale ? dashes(context, colour, view.scale) : colour;
    context.lineWidth = (active ? OUTLINE.active : OUTLINE.other) / view.scale;
    context.lineCap = "square";
    context.stroke(pixels.path());
  });
}

/** The outline that a mask has now, under the preview of another. */
function drawBefore(context, pixels, view) {
  inImage(context, view, () => {
    context.translate(pixels.x, pixels.y);
    context.setLineDash([4 / view.scale, 4 / view.scale]);
    for (const { colour, px } of BEFORE) {
      context.strokeStyle = colour;
      context.lineWidth = px / view.scale;
      context.stroke(pixels.path());
    }
  });
}

/** The faint outline of what a click would lead to. */
function drawTried(context, pixels, view) {
  inImage(context, view, () => {
    context.translate(pixels.x, pixels.y);
    context.globalAlpha = TRIED;
    for (const { colour, px } of BEFORE) {
      context.strokeStyle = colour;
      context.lineWidth = px / view.scale;
      context.stroke(pixels.path());
    }
  });
}

/** Fill the painted mask without an outline, which would be slower than the hand. */
function drawPainting(context, { canvas }, { view, alpha }) {
  inImage(context, view, () => {
    context.globalAlpha = Math.max(alpha, LEAST_PAINTED);
    context.drawImage(canvas, 0, 0);
  });
}
