/** The trash: listed, brought back from, emptied; and what others delete and bring back. */

import { counted, inSentence } from "../core/format.js";
import { isOwn, meOf, nameOf } from "../core/people.js";
import * as api from "../net/api.js";
import { answersInOrder, upToDate } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */
/** @import { TrashItem } from "../core/slices/trash.js" */

/**
 * @param {{store: Store, toast: Function, listVideos: () => Promise<void>, openVideo: (video_id: string, place?: any) => Promise<void>,
 *   readExports: () => Promise<void>, showExport: () => Promise<void>, listBatches: () => Promise<void>, openBatch: (batch_id: string) => Promise<void>}} deps
 */
export function trashCommands({ store, toast, listVideos, openVideo, readExports, showExport, listBatches, openBatch }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });
  const isShown = () => store.state.view.dialog === "trash";
  const openId = () => store.state.video.open?.video_id;
  const inOrder = answersInOrder();

  async function showTrash() {
    set("dialog_changed", { dialog: "trash" });
    await reported(readTrash());
  }

  async function readTrash() {
    const list = await inOrder(api.listTrash);
    if (list) set("trash_listed", { list });
  }

  /** An error is shown in the dialog while that is open. @param {Promise<any>} request */
  async function reported(request) {
    try {
      await request;
    } catch (error) {
      if (!isShown()) throw error;
      set("trash_failed", { error: { message: error.message, hint: error.hint } });
    }
  }

  /** Bring a thing back, and show it. @param {string} trash_id */
  const restoreTrashed = (trash_id) => reported(restore(trash_id));

  async function restore(trash_id) {
    const item = await api.restoreTrashed(trash_id, meOf(store.state));
    if (isShown()) set("dialog_changed", { dialog: null });
    toast({ level: "success", message: `${inSentence(item.name)} is back.` });
    await show(item);
  }

  /** Open the video of a thing that came back, and select it there; a batch as such. @param {TrashItem} item */
  async function show({ kind, video_id, instance_id, region, batch_id }) {
    if (kind === "batch") return listBatches().then(() => openBatch(batch_id));
    if (kind === "video") await listVideos();
    if (kind === "region") return set("pair_selected", { instance_id: null, region });
    const place = { ...(instance_id !== undefined && { instance_id }), ...(region !== undefined && { region }) };
    if (openId() !== video_id) await openVideo(video_id, place);
    else if (instance_id !== undefined) await selectOnceThere({ instance_id, region: region ?? null });
    if (kind === "export") await showExport();
  }

  /** The list of instances is announced: it may come a moment after the answer. */
  async function selectOnceThere(pair) {
    const video_id = openId();
    const { instances } = await upToDate(store, video_id, (state) => state.annotations.instances, () => api.listInstances(video_id));
    set("instances_changed", { video_id, instances });
    set("pair_selected", pair);
  }

  /** Remove a thing for good. @param {string} trash_id */
  const removeTrashed = (trash_id) => reported(api.removeTrashed(trash_id, meOf(store.state)).then(readTrash));

  /** Remove everything for good. */
  const emptyTrash = () => reported(empty());

  async function empty() {
    const { kept } = await api.emptyTrash(meOf(store.state));
    await readTrash();
    if (kept) toast({ level: "warning", message: `${counted(kept, "thing")} could not be removed now.`, hint: "Another server may have the video open.", ms: 9000 });
  }

  /** @param {{action: string, items: TrashItem[], by: any}} changed */
  async function trashChanged({ action, items, by }) {
    if (isShown()) await reported(readTrash());
    const here = items.filter(({ video_id }) => video_id === openId());
    if (here.some(({ kind }) => kind === "export") && store.state.exchange.exports) await readExports();
    if (by && isOwn(store.state.session, by)) return;
    for (const item of items) sayOthers(action, item, by);
  }

  /** Tell what another person deleted or brought back, as far as it is seen here; a deleted video is told by its own event. */
  function sayOthers(action, { trash_id, kind, name, video_id }, by) {
    const seen = kind === "region" || video_id === openId();
    const undo = { action: "restoreTrashed", label: "Undo", args: [trash_id] };
    if (action === "restored" && (seen || kind === "video" || kind === "batch")) toast({ level: "info", message: `${nameOf(by)} brought back ${inSentence(name)}.` });
    if (action === "deleted" && seen && kind !== "video") toast({ level: "info", message: `${nameOf(by)} deleted ${inSentence(name)}.`, ...undo });
  }

  return { showTrash, restoreTrashed, removeTrashed, emptyTrash, trashChanged };
}
