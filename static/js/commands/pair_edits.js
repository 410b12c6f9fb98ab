/** Prompts of a frame copied and pasted, and masks of a pair's runs dropped. */

import { currentPair, promptHere, selectedFrame } from "../core/selectors.js";
import { counted } from "../core/format.js";

/** @import { Store } from "../core/store.js" */

const placeName = ({ instance_id, region, frame_idx }) => `${instance_id} · ${region}, frame ${frame_idx}`;

/** @param {{store: Store, ops: any, toast: Function, ensureInstance: () => Promise<boolean>}} deps */
export function pairCommands({ store, ops, toast, ensureInstance }) {
  const say = (message, more = {}) => toast({ level: "info", message, ...more });

  /** The selected pair and the frame on screen in one object, or null. */
  function here() {
    const selected = selectedFrame(store.state);
    return selected && { ...selected.key, frame_idx: selected.frame_idx };
  }

  /** Remember the frame and pair; its prompts are copied once they are pasted. */
  function copyPrompts() {
    const source = here();
    if (!source) return;
    const { points, box } = promptHere(store.state);
    const kept = store.state.annotations.prompts[currentPair(store.state)]?.[source.frame_idx];
    if (!points.length && !box && !kept) return say("No prompts here to copy.", { hint: "Click on the object first." });
    store.dispatch({ type: "prompts_copied", source });
    say(`Copied: ${placeName(source)}.`, { hint: "Paste on another frame, or with another pair selected." });
  }

  /** Replace the prompts on screen by the copied ones; one undo brings them back. */
  async function pastePrompts() {
    const { clipboard } = store.state.annotations;
    const video = store.state.video.open;
    if (!video) return;
    if (!clipboard) return say("Nothing is copied yet.", { hint: "Copy the prompts of a frame first." });
    if (clipboard.video_id !== video.video_id) return say("Those prompts are of another video.");
    if (store.state.annotations.instance_id === null && !(await ensureInstance())) return;
    const target = here();
    if (!target) return;
    if (placeName(clipboard) === placeName(target)) return say("These are the prompts that were copied.", { hint: "Go to another frame or pair, then paste." });
    const { video_id, frame_idx, ...pair } = target;
    const { video_id: same, ...source } = clipboard;
    ops.submit("copy_prompts", { key: { video_id, ...pair }, frame_idx, source });
  }

  /** Drop the masks that runs made of a pair; the toast brings them back. @param {any} [key] else the selected pair's */
  async function dropMasks(key) {
    const { video_id, instance_id, region } = key ?? here() ?? {};
    if (!video_id) return;
    const pair = { video_id, instance_id, region };
    const ack = await ops.submit("drop_masks", { key: pair }).answer;
    if (!ack.drop_id) return;
    say(`${counted(ack.dropped, "mask")} of ${instance_id} · ${region} dropped.`, {
      hint: "Clicked and approved ones stay.",
      action: "restoreMasks",
      args: [pair, ack.drop_id],
    });
  }

  /** @param {any} key @param {string} drop_id */
  const restoreMasks = (key, drop_id) => ops.submit("restore_masks", { key, drop_id });

  return { copyPrompts, pastePrompts, dropMasks, restoreMasks };
}
