/** Batches: listed, opened beside the stage, kept up to date, closed, deleted. */

import { currentItem } from "../core/batches.js";
import { inSentence } from "../core/format.js";
import { isOwn, meOf, nameOf } from "../core/people.js";
import { deleteBatch, getBatch, getJob, listBatches, updateBatch } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

/** Takes a refusal of one kind for no answer. @param {number} status */
const unless = (status) => (error) => {
  if (error.status !== status) throw error;
  return null;
};

/**
 * @param {{store: Store, toast: Function, address: {batch: string | null}, enterNext: () => Promise<void>, readBatchExports: (batch_id: string) => Promise<void>}} deps
 *   enterNext: go to the first item to do
 */
export function batchCommands({ store, toast, address, enterNext, readBatchExports }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });
  const openId = () => store.state.batches.open?.batch_id;
  const cutting = new Set(); // opened while their scene cuts were looked for
  const reads = new Set(); // in flight: a list of the announcements since each began

  /**
   * Take an answer in, and after it what was announced while it was on its way: that may be newer. Reading again instead
   * would not end on a slow connection while a batch is processed.
   * @template T @param {() => Promise<T>} read @param {(answer: T) => void} take @returns {Promise<any[]>} these announcements
   */
  async function readThen(read, take) {
    const announced = [];
    reads.add(announced);
    const answer = await read().finally(() => reads.delete(announced));
    take(answer);
    for (const event of announced) store.dispatch(event);
    return announced;
  }

  const keepForReads = (event) => reads.forEach((announced) => announced.push(event));

  const listAll = () => readThen(listBatches, (answer) => set("batches_listed", answer));

  /** Read a batch with its items, and how far its processing is. @param {string} batch_id */
  async function readBatch(batch_id) {
    let job_id = null;
    const announced = await readThen(
      () => getBatch(batch_id),
      (batch) => {
        ({ job_id } = batch);
        set("batch_opened", { batch });
      },
    );
    if (openId() !== batch_id) return; // deleted meanwhile
    if (announced.some((event) => event.batch_id === batch_id && event.items === null)) return readBatch(batch_id);
    address.batch = batch_id;
    const known = store.state.batches.jobs[batch_id];
    const job = job_id && (await getJob(job_id).catch(unless(404)));
    if (job && store.state.batches.jobs[batch_id] === known) set("job_progress", job); // else announced meanwhile, and newer
    readBatchExports(batch_id).catch(unless(404));
  }

  /** Show the bar of a batch, and its first item to do unless one of its items is open. @param {string} batch_id */
  async function openBatch(batch_id) {
    await readBatch(batch_id);
    if (openId() !== batch_id) return;
    if (store.state.batches.open.cutting) cutting.add(batch_id);
    else if (!currentItem(store.state)) await enterNext();
  }

  /** Put the bar away; the video stays open. */
  function closeBatch() {
    address.batch = null;
    set("batch_closed", {});
  }

  /** A press on an open batch folds its items, on another one opens it. @param {string} batch_id */
  function chooseBatch(batch_id) {
    if (openId() !== batch_id) return openBatch(batch_id);
    set("batch_items_folded", { unfolded: !store.state.batches.unfolded });
  }

  /** Move it to the trash; its videos stay. @param {string} batch_id */
  async function removeBatch(batch_id) {
    await deleteBatch(batch_id, meOf(store.state));
    if (address.batch === batch_id) address.batch = null;
  }

  /** @param {{batch_id: string, name: string, trash_id: string, by: any}} deleted */
  function batchDeleted({ batch_id, name, trash_id, by }) {
    keepForReads({ type: "batch_deleted", batch_id });
    if (address.batch === batch_id) address.batch = null;
    const what = isOwn(store.state.session, by) ? `${inSentence(name)} is in the trash.` : `${nameOf(by)} deleted ${inSentence(name)}.`;
    toast({ level: "info", message: what, hint: "Its videos and their masks stay.", action: "restoreTrashed", args: [trash_id] });
  }

  /** @param {any} changes of name or settings */
  const changeBatch = async (changes) => void (await updateBatch(openId(), changes));

  /** @param {string} name */
  const renameBatch = (name) => changeBatch({ name });

  /** Read again what the announcement does not hold: items that were missed, or added. @param {any} changed  items null: some were missed */
  async function batchChanged(changed) {
    const { batch_id, items, num_items, cutting: from } = changed;
    keepForReads({ ...changed, type: "batch_changed" });
    const { list, open } = store.state.batches;
    const isShort = items === null || (items.length !== num_items && open?.items.length !== num_items);
    if (isShort && open?.batch_id === batch_id) await readBatch(batch_id);
    const known = list?.find((batch) => batch.batch_id === batch_id)?.video_ids;
    if (list && known?.length !== num_items) await listAll(); // without a list, one is on its way
    if (from === null && cutting.delete(batch_id) && openId() === batch_id) await enterNext();
  }

  /** Read the open batch, which the address names, after a start, a lost connection or a new session process. */
  async function refresh() {
    await listAll();
    const batch_id = openId() ?? address.batch;
    if (!batch_id) return;
    if (store.state.batches.list.some((batch) => batch.batch_id === batch_id)) return readBatch(batch_id);
    closeBatch();
    toast({ level: "info", message: `There is no batch ${batch_id} on this server.` });
  }

  store.watch(
    ({ session }) => session.connection === "online" && session.host.state === "ready",
    (up) => up && queueMicrotask(() => refresh().catch(unless(503))), // the host says when it is ready
  );

  return { openBatch, closeBatch, chooseBatch, removeBatch, batchDeleted, changeBatch, renameBatch, batchChanged, listBatches: listAll };
}
