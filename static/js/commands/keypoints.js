/** Keypoints, the named points of a dataset: added, moved, renamed, deleted. */

import { temporaryId } from "../core/ops.js";
import { suggestName } from "../core/keypoint_names.js";
import { keypointsHere } from "../core/selectors.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, ensureInstance: () => Promise<boolean>, editName: Function, selectKeypoint: Function}} deps */
export function keypointCommands({ store, ops, ensureInstance, editName, selectKeypoint }) {
  const named = new Map(); // temporary id → promise of the server's id

  /** Add one at (x, y) under the suggested name and open the name editor. */
  async function addKeypoint(x, y) {
    const frame_idx = store.state.playback.drawn_idx;
    if (store.state.annotations.instance_id === null && !(await ensureInstance())) return;
    const video = store.state.video.open;
    const { instance_id, keypoints } = store.state.annotations;
    if (!video || instance_id === null || frame_idx === null) return;
    const name = suggestName(withUnsaved(keypoints), instance_id, frame_idx);
    const fields = { video_id: video.video_id, instance_id, frame_idx, x, y, name, visible: true };
    const { seq, answer } = ops.submit("add_keypoint", fields);
    named.set(temporaryId(seq), answer.then((ack) => given(temporaryId(seq), ack)));
    editName(temporaryId(seq), instance_id);
  }

  /** Names just given count as used before the server has said so. */
  const withUnsaved = (keypoints) => {
    const here = keypointsHere(store.state);
    const unsaved = here.filter(({ keypoint }) => keypoint.pending);
    return unsaved.reduce(
      (all, { instance_id, keypoint }) => ({
        ...all,
        [instance_id]: [...(all[instance_id] ?? []), keypoint],
      }),
      keypoints,
    );
  };

  /** The server named it: what was selected under its temporary id stays selected. */
  function given(temporary_id, ack) {
    const keypoint_id = ack.keypoint_id ?? ack.keypoint?.keypoint_id ?? null;
    if (store.state.annotations.keypoint_id === temporary_id) selectKeypoint(keypoint_id);
    return keypoint_id;
  }

  async function submit(event, keypoint_id, instance_id, changes) {
    const video = store.state.video.open;
    const known = await (named.get(keypoint_id) ?? keypoint_id);
    if (known === null || !video) return; // its add was rejected
    const fields = { video_id: video.video_id, instance_id, keypoint_id: known, ...changes };
    ops.submit(event, fields);
  }

  const moveKeypoint = (keypoint_id, instance_id, x, y) =>
    submit("move_keypoint", keypoint_id, instance_id, { x, y });

  const removeKeypoint = (keypoint_id, instance_id) =>
    submit("remove_keypoint", keypoint_id, instance_id, {});

  /** Give it the name typed; an empty or unchanged one changes nothing. */
  async function renameKeypoint(keypoint_id, instance_id, name) {
    editName(null);
    const found = keypointsHere(store.state).find((shown) => shown.keypoint.keypoint_id === keypoint_id);
    if (!name.trim() || found?.keypoint.name === name.trim()) return;
    await submit("move_keypoint", keypoint_id, instance_id, { name: name.trim() });
  }

  /** Mark it as visible, or as there but hidden behind something. */
  const showKeypoint = (keypoint_id, instance_id, visible) =>
    submit("move_keypoint", keypoint_id, instance_id, { visible });

  return { addKeypoint, moveKeypoint, removeKeypoint, renameKeypoint, showKeypoint };
}
