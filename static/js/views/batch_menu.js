/** The menu of the open batch: what is seldom done with an item, and the batch's own choices. */

import { currentItem, exportWords } from "../core/batches.js";
import { counted } from "../core/format.js";
import { el, icon } from "./dom.js";
import { makeMenu } from "./menu.js";

/** @import { MenuItem } from "./menu.js" */
/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands, keys: (name: string) => string, rename: () => void}} deps @returns {any} its button */
export function batchMenu({ store, commands, keys, rename }) {
  const menu = makeMenu({ label: "Batch", testid: "batch-menu" });
  const open = () => menu.open(button, itemsOf(store.state, { commands, keys, rename }));
  const button = el("button", { class: "ghost", testid: "batch-more", title: "More about this item and the batch", aria: { label: "More about the batch", haspopup: "menu", expanded: "false" }, on: { click: open } }, icon("ellipsis"));
  return button;
}

/** @returns {MenuItem[]} */
function itemsOf(state, { commands, keys, rename }) {
  const { settings, batch_id } = state.batches.open;
  const item = currentItem(state);
  const of_item = (label, sign, command, more = {}) => ({ label, icon: sign, key: keys(command), disabled: !item, run: () => commands[command](), ...more });
  const brings_back = item?.can_undo_reset && item.state === "todo";
  return [
    { title: item ? `Item ${item.item}` : "No item is open" },
    of_item("Process now", "play", "processItem", { testid: "batch-process-item" }),
    of_item("Next one to do", "skip-forward", "nextToDo", { disabled: false }),
    of_item(brings_back ? "Undo the reset" : "Reset", brings_back ? "undo-2" : "rotate-ccw", "resetItem", { testid: "batch-reset" }),
    of_item("Start from the last mask before", "copy", "startFromLastMask", { disabled: !item || item.item === 1, note: "The masks on the last frame of the item before become the first prompts: errors drift on" }),
    "line",
    { title: "Batch" },
    { label: "Rename", icon: "pencil", testid: "batch-edit", note: "Or double click on the name", run: rename },
    ...state.batches.exports.map((found) => ({ label: exportWords(found), icon: "download", note: `${counted(found.files, "file")}, as a ZIP`, run: () => commands.downloadBatch(found.format) })),
    { label: "Review page", icon: "layers", key: keys("openBatchReview"), testid: "batch-review", run: () => commands.openBatchReview() },
    { label: "Report", icon: "info", note: "Coverage, what looks wrong and who did what, as one page to save or print", testid: "batch-report", run: () => commands.openBatchReport() },
    { label: settings.carry_names ? "Names carry over: on" : "Names carry over: off", icon: "tag", note: "An item begins with the instances of the one before, with names and colours, not the points", testid: "batch-carry", run: () => commands.changeBatch({ settings: { carry_names: !settings.carry_names } }) },
    { label: item && item.item === settings.start_item && item.item > 1 ? "Begin at the first item again" : "Begin at this item", icon: "map-pin", disabled: !item, note: "Items before it are handed to nobody", run: () => commands.changeBatch({ settings: { start_item: item.item === settings.start_item ? 1 : item.item } }) },
    { label: "Delete the batch", icon: "trash-2", danger: true, note: "Its videos and masks stay; the trash brings it back", testid: "batch-delete", run: () => commands.removeBatch(batch_id) },
  ];
}
