/** The name a new keypoint starts with. */

/** Names in use in the video, in order of first use. @param {Record<number, import("./wire.js").Keypoint[]>} keypoints */
export function usedNames(keypoints) {
  return [...new Set(Object.values(keypoints).flatMap((list) => list.map((keypoint) => keypoint.name)))];
}

/**
 * The first used name that this instance lacks on this frame, or a new number.
 * @param {Record<number, import("./wire.js").Keypoint[]>} keypoints by instance
 * @param {number} instance_id @param {number} frame_idx
 */
export function suggestName(keypoints, instance_id, frame_idx) {
  const here = new Set(
    (keypoints[instance_id] ?? []).filter((keypoint) => keypoint.frame_idx === frame_idx).map((keypoint) => keypoint.name),
  );
  const known = usedNames(keypoints).find((name) => !here.has(name));
  if (known) return known;
  let number = 1;
  while (here.has(`point_${number}`)) number += 1;
  return `point_${number}`;
}
