/** Every Socket.IO event the page sends, with its fields; the envelope, `client_id` and `seq`, is not listed. */

/** @typedef {{fields: readonly string[], optional: readonly string[]}} ClientEvent */

/** @param {string[]} fields always sent @param {string[]} [optional] @returns {ClientEvent} */
const event = (fields, optional = []) => ({ fields, optional });

/** `key` is {video_id, instance_id, region}. The server's operations are compared with this list in a test. */
export const CLIENT_EVENTS = Object.freeze({
  open_video: event(["video_id"], ["form", "person_id", "name"]),
  close_video: event(["video_id"]),
  look_at: event(["video_id", "frame_idx"], ["pair", "name"]),
  add_point: event(["key", "frame_idx", "x", "y", "label"]),
  move_point: event(["key", "frame_idx", "point_idx", "x", "y"]),
  remove_point: event(["key", "frame_idx", "point_idx"]),
  set_box: event(["key", "frame_idx", "box"]),
  set_mask: event(["key", "frame_idx", "mask"]),
  clear_frame: event(["key", "frame_idx"]),
  copy_prompts: event(["key", "frame_idx", "source"]),
  undo: event(["key", "frame_idx"], ["scope", "any"]),
  redo: event(["key", "frame_idx"], ["scope", "any"]),
  approve: event(["key", "frames", "approved"]),
  copy_mask: event(["key", "frame_idx", "source_frame_idx"]),
  mark_absent: event(["key", "frames", "absent"]),
  drop_masks: event(["key"]),
  restore_masks: event(["key", "drop_id"]),
  add_keypoint: event(["video_id", "instance_id", "frame_idx", "x", "y", "name", "visible"]),
  move_keypoint: event(["video_id", "instance_id", "keypoint_id"], ["x", "y", "name", "visible"]),
  remove_keypoint: event(["video_id", "instance_id", "keypoint_id"]),
  carry_keypoints: event(["video_id", "instance_id"], ["names", "start", "end"]),
  propagate: event(["video_id", "pairs", "start", "end", "direction", "force", "on_guard", "approved", "from_frame", "mode"], ["any"]),
  roll_back: event(["video_id", "run"], ["pairs", "start", "end"]),
  batch_step: event(["batch_id", "item", "verb"], ["reason", "note"]),
  process_batch: event(["batch_id"], ["items", "export"]),
  change_processing: event(["batch_id", "verb"]),
  cancel: event(["job_id"]),
});

/** @typedef {keyof typeof CLIENT_EVENTS} ClientEventName */

/**
 * The fields as they are, if the list has the event and exactly these fields; throws otherwise.
 * @template T @param {string} name @param {T} data without the envelope @returns {T}
 */
export function checkedFields(name, data) {
  const known = Object.hasOwn(CLIENT_EVENTS, name) ? CLIENT_EVENTS[name] : null;
  if (!known) throw new Error(`the page sends no event ${name}`);
  const unknown = Object.keys(data).filter((field) => !known.fields.includes(field) && !known.optional.includes(field));
  if (unknown.length) throw new Error(`${name} has no field ${unknown.join(", ")}`);
  const missing = known.fields.filter((field) => data[field] === undefined);
  if (missing.length) throw new Error(`${name} lacks ${missing.join(", ")}`);
  return data;
}
