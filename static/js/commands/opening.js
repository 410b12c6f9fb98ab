/** Opens videos: chosen ones, the open one after a lost connection, damaged ones that were mended. */

import { withLists } from "../core/columns.js";
import { ApiError, extractVideo, getFrameTable, mendVideo as mend } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

const OPEN_AGAIN_MS = 1000; // while the session process restarts
const OPEN_MS = 60_000; // for a long video on a busy server; a lost connection ends it at once
const MEND_MS = 60_000; // the message about a damaged video stays so long

/**
 * @param {{store: Store, link: any, sender: any, toast: Function, readModel: () => Promise<void>, listVideos: () => Promise<void>,
 *   pause: (ms: number) => Promise<void>}} deps
 */
export function openingCommands({ store, link, sender, toast, readModel, listVideos, pause }) {
  let newest = null; // question to open a video: an older one's answer is left

  /** @param {string} video_id @param {any} [place] where to look first */
  async function openVideo(video_id, place = {}) {
    const { open: video, opening } = store.state.video;
    if (opening === video_id || (video?.video_id === video_id && !opening)) return;
    store.dispatch({ type: "video_chosen", ...place, video_id });
    if (video) link.tell("close_video", sender.message("close_video", { video_id: video.video_id }));
    await enter(video_id);
    if (video) await listVideos(); // changes to the one before count in the list
  }

  /** Ask until the server answers, the user chose another video, or the connection is lost. */
  async function enter(video_id) {
    const asked = (newest = { video_id, connection: link.connection });
    while (newest === asked && store.state.video.opening === video_id && store.state.session.connection === "online") {
      const me = { person_id: store.state.session.person_id, name: store.state.view.my_name };
      const ack = await link.ask("open_video", sender.message("open_video", { video_id, form: "columns", ...me }), OPEN_MS).catch(() => null);
      if (newest !== asked || store.state.video.opening !== video_id) return;
      if (ack && !ack.error) return entered(ack);
      if (ack && ack.error.code !== "host_unavailable") return refused(video_id, ack.error);
      await pause(OPEN_AGAIN_MS);
    }
  }

  async function entered(ack) {
    store.dispatch({ type: "video_opened", ack: withLists(ack) });
    sender.resume(ack.last_seq);
    if (!ack.model || ack.model.demo) await readModel(); // others are offered
    if (store.state.video.pts === null) await readFrameTable(ack.video.video_id);
  }

  function refused(video_id, error) {
    store.dispatch({ type: "video_closed" });
    sender.resume();
    if (error.code === "database_damaged") return toast({ level: "error", ...error, action: "mendVideo", args: [video_id], ms: MEND_MS });
    throw new ApiError(error);
  }

  async function readFrameTable(video_id) {
    const { pts } = await getFrameTable(video_id);
    store.dispatch({ type: "frame_table_loaded", video_id, pts });
  }

  /** Once connected: the open video is read again, unless that was asked over this connection. @returns {Promise<boolean>} whether one is open */
  async function reopenOnce() {
    const { open, opening } = store.state.video;
    const video_id = opening ?? open?.video_id;
    if (video_id && newest?.video_id === video_id && newest.connection === link.connection) return true;
    return reopen();
  }

  /** Read the open video again, after a resync or with a new session process. @returns {Promise<boolean>} whether one was open */
  async function reopen() {
    const video_id = store.state.video.open?.video_id ?? store.state.video.opening;
    if (!video_id) return false;
    store.dispatch({ type: "video_chosen", video_id });
    await enter(video_id);
    return true;
  }

  /** Let the server make a damaged database anew from the files beside it. @param {string} video_id */
  async function mendVideo(video_id) {
    await mend(video_id);
    await listVideos();
    await openVideo(video_id);
  }

  /** Extract the frames of a video that failed before. @param {string} video_id */
  async function extractAgain(video_id) {
    await extractVideo(video_id);
    await listVideos();
  }

  return { extractAgain, mendVideo, openVideo, reopen, reopenOnce };
}
