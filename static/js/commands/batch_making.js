/** Makes batches: of a folder, of the open video cut into segments, of several uploaded files. */

import { createBatch } from "../net/api.js";

/** @import { Store } from "../core/store.js" */
/** @typedef {{name: string, folder: string, frames: number, seconds: number, marks: number[]}} Typed  the fields of the dialog */

const DIGITS_AT_END = /[\s_.-]*\d*$/;
const byNumber = new Intl.Collator(undefined, { numeric: true });

/** @param {{store: Store, toast: Function, openBatch: (batch_id: string) => Promise<void>}} deps */
export function batchMakingCommands({ store, toast, openBatch }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });
  const choose = (fields) => set("batch_choice_made", fields);
  let uploading = Promise.resolve([]);

  /** Open the dialog; with a video open it is about cutting that. */
  function showMaking() {
    const { open } = store.state.video;
    choose({ error: null, source: open && !open.source ? "cut" : "folder", ...(store.state.batches.cuts.length && { rule: "marks" }) });
    set("dialog_changed", { dialog: "batch" });
  }

  /** @param {Partial<{source: string, rule: string}>} choice */
  const chooseMaking = (choice) => choose({ ...choice, error: null });

  /** Make what the dialog says, and open it. @param {Typed} typed */
  async function makeBatch(typed) {
    choose({ busy: true, error: null });
    try {
      const { batch_id } = await createBatch(wanted(typed));
      set("dialog_changed", { dialog: null });
      await openBatch(batch_id);
    } catch (error) {
      if (store.state.view.dialog !== "batch") throw error;
      choose({ error: { message: error.message, hint: error.hint } });
    } finally {
      choose({ busy: false });
    }
  }

  /** @param {Typed} typed */
  function wanted({ name, folder, ...typed }) {
    const { source, rule } = store.state.batches;
    const named = name ? { name } : {};
    if (source === "folder") return { ...named, folder };
    return { ...named, video_id: store.state.video.open.video_id, cut: cutOf(rule, typed) };
  }

  /** Cut the open video before the frame on screen; again: no longer. */
  function toggleCut() {
    if (!store.state.video.open) return false;
    const { frame_idx } = store.state.playback;
    if (frame_idx === 0) return toast({ level: "info", message: "The first segment begins here anyway.", about: "cuts" });
    set("cut_toggled", { frame_idx });
    const { cuts } = store.state.batches;
    const message = cuts.includes(frame_idx) ? `A cut before frame ${frame_idx}.` : `No cut before frame ${frame_idx}.`;
    toast({ level: "info", message, about: "cuts", hint: `${cuts.length} in all.`, ...(cuts.length && { action: "showMaking", label: "Cut" }) });
  }

  /** Ask, beside the uploads, whether several files are one batch. @param {string[]} names @param {Promise<any[]>} uploads of their videos */
  function offerBatch(names, uploads) {
    uploading = uploads;
    set("files_dropped", { dropped: { state: "asked", names } });
  }

  const keepSeparate = () => set("files_dropped", { dropped: null });

  /** Make one batch of the files dropped last, once all of them are uploaded. */
  async function batchDropped() {
    const { names } = store.state.batches.dropped;
    set("files_dropped", { dropped: { state: "waiting", names } });
    const videos = await uploading;
    keepSeparate();
    if (!videos.length) return;
    const ordered = videos.toSorted((one, other) => byNumber.compare(one.name, other.name));
    const { batch_id } = await createBatch({ name: nameFor(names), video_ids: ordered.map(({ video_id }) => video_id) });
    await openBatch(batch_id);
  }

  return { showMaking, chooseMaking, makeBatch, toggleCut, offerBatch, keepSeparate, batchDropped };
}

function cutOf(rule, { frames, seconds, marks }) {
  if (rule === "frames") return { every_frames: frames };
  if (rule === "seconds") return { every_s: seconds };
  return rule === "marks" ? { frames: marks } : { at: "scene_cuts" };
}

/** Return the beginning that the names share, without the number behind it. @param {string[]} names */
export function nameFor(names) {
  let start = names[0];
  while (!names.every((name) => name.startsWith(start))) start = start.slice(0, -1);
  return start.replace(/\.\w+$/, "").replace(DIGITS_AT_END, "") || `${names.length} videos`;
}
