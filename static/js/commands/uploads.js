/** Uploads videos, one after the other. */

import { uploadVideo } from "../net/upload.js";

/** @import { Store } from "../core/store.js" */

const KNOWN_NAMES = /\.(mp4|mov|avi|mkv|webm|m4v|zip)$/i;
const WRONG_KIND = {
  message: "This is not a video the program can read.",
  hint: "Use .mp4, .mov, .avi, .mkv, .webm, or a .zip of numbered pictures.",
};

/** @param {{store: Store, listVideos: () => Promise<void>, openVideo: (video_id: string) => Promise<void>}} deps */
export function uploadCommands({ store, listVideos, openVideo }) {
  const aborts = new Map();
  let next_id = 1;
  let last = Promise.resolve();

  /** Queue files for upload. @param {Iterable<File>} files */
  function uploadFiles(files) {
    for (const file of files) queue(file);
    return last;
  }

  function queue(file) {
    const id = next_id;
    next_id += 1;
    const known = KNOWN_NAMES.test(file.name);
    const upload = { id, name: file.name, size: file.size, sent: 0 };
    const state = known ? "queued" : "failed";
    store.dispatch({
      type: "upload_queued",
      upload: { ...upload, state, error: known ? null : WRONG_KIND },
    });
    if (!known) return;
    aborts.set(id, new AbortController());
    last = last.then(() => send(id, file));
  }

  async function send(id, file) {
    const { signal } = aborts.get(id);
    if (signal.aborted) return;
    changed(id, { state: "sending" });
    try {
      const onProgress = (sent) => changed(id, { sent: Math.min(sent, file.size) });
      const video = await uploadVideo(file, { onProgress, signal });
      store.dispatch({ type: "upload_removed", id });
      await arrived(video);
    } catch (error) {
      if (error.code !== "cancelled") changed(id, { state: "failed", error });
    }
    aborts.delete(id);
  }

  /** With nothing on the stage the newcomer's first video opens by itself. */
  async function arrived(video) {
    await listVideos();
    if (!store.state.video.open && !store.state.video.opening) await openVideo(video.video_id);
  }

  const changed = (id, changes) => store.dispatch({ type: "upload_changed", id, ...changes });

  /** Stop it, or put a failed one away. @param {number} id */
  function cancelUpload(id) {
    aborts.get(id)?.abort();
    store.dispatch({ type: "upload_removed", id });
  }

  return { uploadFiles, cancelUpload };
}
