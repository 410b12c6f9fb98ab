/** Image ↔ screen: screen = image * scale + (x, y), screen in CSS pixels of the stage; across, pixels are `aspect` times as wide. */

import { pixelAspect, shownWidth } from "./pixel_aspect.js";

/** @typedef {{scale: number, aspect?: number, x: number, y: number}} Viewport */
/** @typedef {{width: number, height: number, pixel_aspect?: string}} Size */

const KEEP_SCREEN = 48; // CSS px of the image that stay visible however far it is panned
const MAX_SCALE = 64;

/**
 * The whole image, as large as the stage; in the middle of what is left when the stage has lost `below` px of its height.
 * @param {Size} image @param {Size} stage @param {number} [below] CSS px @returns {Viewport}
 */
export function fit(image, stage, below = 0) {
  const scale = Math.max(0.01, Math.min(stage.width / shownWidth(image), stage.height / image.height));
  return {
    scale,
    aspect: pixelAspect(image),
    x: (stage.width - shownWidth(image) * scale) / 2,
    y: Math.max(0, stage.height - below - image.height * scale) / 2,
  };
}

/** @param {Viewport} view @param {number[]} point_screen @returns {[number, number]} */
export const toImage = (view, [x, y]) => [(x - view.x) / across(view), (y - view.y) / view.scale];

/** @param {Viewport} view @param {number[]} point @returns {[number, number]} */
export const toScreen = (view, [x, y]) => [x * across(view) + view.x, y * view.scale + view.y];

/** CSS px of a pixel's width. @param {Viewport} view */
export const across = ({ scale, aspect = 1 }) => scale * aspect;

/**
 * Zoom so that the image point under point_screen stays where it is.
 * @param {Viewport} view @param {number[]} point_screen @param {number} factor
 * @param {Size} image @param {Size} stage @returns {Viewport}
 */
export function zoomAt(view, [x, y], factor, image, stage) {
  const least = Math.min(fit(image, stage).scale * 0.5, 1);
  const scale = Math.min(MAX_SCALE, Math.max(least, view.scale * factor));
  const ratio = scale / view.scale;
  return held({ ...view, scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio }, image, stage);
}

/** @param {Viewport} view @param {number} dx @param {number} dy @param {Size} image @param {Size} stage */
export const panBy = (view, dx, dy, image, stage) =>
  held({ ...view, x: view.x + dx, y: view.y + dy }, image, stage);

/** The same image point in the middle of a stage of another width, and where it was in its height: the timeline takes and gives at the foot. @param {Viewport} view @param {Size} before @param {Size} after */
export const recentred = (view, before, after) => ({ ...view, x: view.x + (after.width - before.width) / 2 });

/** Tell if the point lies on the image. @param {Size} image @param {number[]} point */
export const onImage = (image, [x, y]) => x >= 0 && y >= 0 && x <= image.width && y <= image.height;

/** The nearest point on the image. @param {Size} image @param {number[]} point @returns {[number, number]} */
export const clamped = (image, [x, y]) => [
  Math.min(image.width, Math.max(0, x)),
  Math.min(image.height, Math.max(0, y)),
];

function held(view, image, stage) {
  const between = (value, low, high) => Math.min(Math.max(value, low), high);
  return {
    ...view,
    x: between(view.x, KEEP_SCREEN - image.width * across(view), stage.width - KEEP_SCREEN),
    y: between(view.y, KEEP_SCREEN - image.height * view.scale, stage.height - KEEP_SCREEN),
  };
}
