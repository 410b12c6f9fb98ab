/** Pixels that are not square: how wide a frame is shown. Masks and points stay in the file's pixels. */

/** The width of a pixel over its height. @param {{pixel_aspect?: string}} video @returns {number} */
export function pixelAspect({ pixel_aspect }) {
  const [wide, high] = (pixel_aspect ?? "1/1").split("/").map(Number);
  return wide / high || 1;
}

/** Width in px at which a frame of its own height looks right. @param {{width: number, pixel_aspect?: string}} video */
export const shownWidth = (video) => video.width * pixelAspect(video);
