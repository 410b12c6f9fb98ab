/** Steps through the items of the open batch: save, skip, reset, and on to the next one to do. */

import { currentItem, neighbour, othersOn, peopleWords } from "../core/batches.js";

/** @import { BatchItem } from "../core/wire.js" */
/** @import { Store } from "../core/store.js" */

const LEFT_MS = 15_000;

/** @param {{store: Store, ops: any, toast: Function, openVideo: (video_id: string, place?: any) => Promise<void>}} deps */
export function batchItemCommands({ store, ops, toast, openVideo }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });
  const open = () => store.state.batches.open;
  let going_on = false; // the answer to a step that leads to the next item is on its way

  /** Do a step after all that was clicked before it. @returns {Promise<any>} the answer, or null if it was refused, of which a toast tells */
  async function step(verb, number, more = {}) {
    const { batch_id } = open();
    const ack = await ops.submit("batch_step", { batch_id, item: number, verb, ...more }).answer;
    if (ack.status === "rejected") return null;
    set("batch_step_answered", { batch_id, item: ack.item, next: ack.next, counts: ack.counts });
    return ack;
  }

  /** The selected pair stays the same from item to item. @param {BatchItem} item */
  function show(item) {
    const { instance_id, region } = store.state.annotations;
    return openVideo(item.video_id, { instance_id, region });
  }

  /** Do a step of the item on screen, then open what is to be done next, unless the user went elsewhere meanwhile. */
  async function goOn(verb, item) {
    going_on = true;
    const ack = await step(verb, item.item).finally(() => (going_on = false));
    if (!ack || currentItem(store.state)?.item !== item.item) return;
    if (ack.next) await show(ack.next);
    else sayNoneLeft(ack.counts);
  }

  function sayNoneLeft({ annotated, todo }) {
    const way = annotated ? { action: "showProcessing", label: "Process all" } : {};
    const message = todo ? "Others are on the items that are still to do." : "No item is left to do.";
    toast({ level: "success", message, hint: annotated ? "All annotated items can be processed now." : "", ms: LEFT_MS, ...way });
  }

  /**
   * Run a step on the item on screen; a press too many, while the next one opens, does nothing.
   * @param {(item: BatchItem) => Promise<void>} act @returns {Promise<void> | undefined | false} false: there is no item, so the key may do something else
   */
  function onItem(act) {
    const item = currentItem(store.state);
    if (!item) return false;
    return going_on || store.state.video.opening !== null ? undefined : act(item);
  }

  /** Mark the item as annotated and go to the next one to do. */
  const saveItem = () => onItem((item) => goOn("save", item));

  /** Leave the item out and go on; one that is left out is taken in again. */
  const skipItem = () => onItem((item) => (item.state === "skipped" ? takeIn(item) : goOn("skip", item)));

  const takeIn = async ({ item }) => void (await step("unskip", item));

  /** Go to the next item to do without a change of this one. */
  const nextToDo = () => (currentItem(store.state) ? onItem((item) => goOn("next", item)) : open() ? enterNext() : false);

  /** Clear the item's prompts and marks; pressed again before anything else, bring them back. */
  const resetItem = () =>
    onItem(async (item) => {
      const { batch_id } = open();
      if (item.can_undo_reset && item.state === "todo") return undoReset(batch_id, item.item);
      if (!(await step("reset", item.item))) return;
      toast({ level: "info", message: `Item ${item.item} is reset: its prompts are gone.`, action: "undoReset", label: "Undo", args: [batch_id, item.item] });
    });

  /** @param {string} batch_id @param {number} number */
  async function undoReset(batch_id, number) {
    if (open()?.batch_id === batch_id && (await step("undo_reset", number))) toast({ level: "success", message: `Item ${number} is as it was.` });
  }

  /** Use the masks on the last frame of the item before as the first prompts: errors drift on, so it is never done unasked. */
  const startFromLastMask = () => onItem(async ({ item }) => void (await step("start_from_last_mask", item)));

  /** Run the item in the background and go to the next one to do. */
  const processItem = () =>
    onItem(async (item) => {
      if (!(await step("process", item.item))) return;
      toast({ level: "info", message: `Item ${item.item} is processed in the background.` });
      await goOn("next", item);
    });

  /** Reserve an item and open it, whoever is on it. @param {BatchItem} item */
  async function enter(item) {
    if (item.video_id === (store.state.video.opening ?? store.state.video.open?.video_id)) return;
    const others = peopleWords(othersOn(store.state.session, item));
    if (others) toast({ level: "info", message: `Item ${item.item}: ${others}, too.` });
    const entered = step("enter", item.item);
    await show(item);
    await entered;
  }

  const stepItem = (way) => {
    if (!open()) return false;
    const item = neighbour(store.state, way);
    return item ? enter(item) : undefined;
  };
  const nextItem = () => stepItem(1);
  const previousItem = () => stepItem(-1);

  /** @param {number} number from 1; beyond an end: the first or last */
  async function goToItem(number) {
    const { items } = open();
    const item = items[Math.min(items.length, Math.max(1, Math.round(number))) - 1];
    if (item) await enter(item);
  }

  /** Go to the first item to do that nobody else is on; without one to the first. */
  async function enterNext() {
    const { items } = open();
    if (!items.length) return; // its scene cuts are still looked for
    const ack = await step("next", items.length); // the search goes on from the start
    if (ack) await (ack.next ? show(ack.next) : enter(items.at(-1).state === "todo" ? items.at(-1) : items[0]));
  }

  return { saveItem, skipItem, nextToDo, resetItem, undoReset, startFromLastMask, processItem, nextItem, previousItem, goToItem, enterNext };
}
