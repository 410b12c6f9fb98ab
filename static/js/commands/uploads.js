/** Uploads videos, one after the other. */

import { uploadVideo } from "../net/upload.js";

/** @import { Store } from "../core/store.js" */

const VIDEOS = "mp4 m4v mov qt 3gp 3g2 f4v avi divx mkv webm ts mts m2ts m2t trp mpg mpeg mpe m1v m2v vob mod tod wmv asf flv ogv ogg ogm gif mxf dv nut ivf mjpeg mjpg rm rmvb wtv h261 h263 h264 264 avc h265 265 hevc obu vc1 drc y4m nsv nuv gxf dav";
const PICTURES = "zip png apng jpg jpeg webp tif tiff bmp dib"; // one that holds several is a video, too
const KNOWN_NAMES = new RegExp(`\\.(${[...VIDEOS.split(" "), ...PICTURES.split(" ")].join("|")})$`, "i");
const WRONG_KIND = {
  message: "This is not a video the program can read.",
  hint: "Use a video, a TIFF with pages, or a .zip of numbered pictures. Convert others: ffmpeg -i in -c:v libx264 out.mp4.",
};

/**
 * @param {{store: Store, listVideos: () => Promise<void>, openVideo: (video_id: string) => Promise<void>,
 *   offerBatch: (names: string[], uploads: Promise<any[]>) => void}} deps  offerBatch: of several files
 */
export function uploadCommands({ store, listVideos, openVideo, offerBatch }) {
  const aborts = new Map();
  let next_id = 1;
  /** @type {Promise<any>} */ let last = Promise.resolve();

  /** Queue files for upload. @param {Iterable<File>} files @returns {Promise<any[]>} the videos that arrived */
  function uploadFiles(files) {
    const all = [...files];
    const uploads = Promise.all(all.map(queue)).then((videos) => videos.filter(Boolean));
    const known = all.filter(({ name }) => KNOWN_NAMES.test(name));
    if (known.length > 1) offerBatch(known.map(({ name }) => name), uploads);
    return uploads;
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
    if (!known) return null;
    aborts.set(id, new AbortController());
    last = last.then(() => send(id, file));
    return last;
  }

  /** @returns {Promise<any>} the video; null if it was cancelled or refused */
  async function send(id, file) {
    const { signal } = aborts.get(id);
    if (signal.aborted) return null;
    changed(id, { state: "sending" });
    try {
      const onProgress = (sent) => changed(id, { sent: Math.min(sent, file.size) });
      const video = await uploadVideo(file, { onProgress, signal });
      store.dispatch({ type: "upload_removed", id });
      await arrived(video);
      return video;
    } catch (error) {
      if (error.code !== "cancelled") changed(id, { state: "failed", error });
      return null;
    } finally {
      aborts.delete(id);
    }
  }

  /** List the uploaded video, and open it if the stage is empty. */
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
