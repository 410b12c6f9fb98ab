/** Image ↔ screen: screen = image * scale + (x, y), screen in CSS pixels of the stage. */

/** @typedef {{scale: number, x: number, y: number}} Viewport */
/** @typedef {{width: number, height: number}} Size */

// CSS px left free around a fitted image: nothing that floats over the stage covers it.
const FREE_SCREEN = { left: 58, top: 50, right: 12, bottom: 12 };
const KEEP_SCREEN = 48; // CSS px of the image that stay visible however far it is panned
const MAX_SCALE = 64;

/** The whole image, in the middle of what is free. @param {Size} image @param {Size} stage @returns {Viewport} */
export function fit(image, stage) {
  const { left, top, right, bottom } = FREE_SCREEN;
  const free = { width: stage.width - left - right, height: stage.height - top - bottom };
  const scale = Math.max(0.01, Math.min(free.width / image.width, free.height / image.height));
  return {
    scale,
    x: left + (free.width - image.width * scale) / 2,
    y: top + (free.height - image.height * scale) / 2,
  };
}

/** @param {Viewport} view @param {number[]} point_screen @returns {[number, number]} */
export const toImage = (view, [x, y]) => [(x - view.x) / view.scale, (y - view.y) / view.scale];

/** @param {Viewport} view @param {number[]} point @returns {[number, number]} */
export const toScreen = (view, [x, y]) => [x * view.scale + view.x, y * view.scale + view.y];

/**
 * Zoom so that the image point under point_screen stays where it is.
 * @param {Viewport} view @param {number[]} point_screen @param {number} factor
 * @param {Size} image @param {Size} stage @returns {Viewport}
 */
export function zoomAt(view, [x, y], factor, image, stage) {
  const least = Math.min(fit(image, stage).scale * 0.5, 1);
  const scale = Math.min(MAX_SCALE, Math.max(least, view.scale * factor));
  const ratio = scale / view.scale;
  return held({ scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio }, image, stage);
}

/** @param {Viewport} view @param {number} dx @param {number} dy @param {Size} image @param {Size} stage */
export const panBy = (view, dx, dy, image, stage) =>
  held({ ...view, x: view.x + dx, y: view.y + dy }, image, stage);

/** The same image point in the middle of a stage of another size. @param {Viewport} view @param {Size} before @param {Size} after */
export const recentred = (view, before, after) => ({
  ...view,
  x: view.x + (after.width - before.width) / 2,
  y: view.y + (after.height - before.height) / 2,
});

/** Whether the point lies on the image. @param {Size} image @param {number[]} point */
export const onImage = (image, [x, y]) => x >= 0 && y >= 0 && x <= image.width && y <= image.height;

/** The nearest point on the image. @param {Size} image @param {number[]} point @returns {[number, number]} */
export const clamped = (image, [x, y]) => [
  Math.min(image.width, Math.max(0, x)),
  Math.min(image.height, Math.max(0, y)),
];

function held(view, image, stage) {
  const between = (value, low, high) => Math.min(Math.max(value, low), high);
  return {
    scale: view.scale,
    x: between(view.x, KEEP_SCREEN - image.width * view.scale, stage.width - KEEP_SCREEN),
    y: between(view.y, KEEP_SCREEN - image.height * view.scale, stage.height - KEEP_SCREEN),
  };
}
