/** The instances of the open video: added, renamed, locked, hidden, deleted. */

import { inSentence } from "../core/format.js";
import { titleOf } from "../core/instance_names.js";
import { meOf } from "../core/people.js";
import { currentInstance } from "../core/selectors.js";
import * as api from "../net/api.js";
import { upToDate } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function}} deps */
export function instanceCommands({ store, toast }) {
  const open = () => store.state.video.open?.video_id;
  const select = (instance_id, region = null) => store.dispatch({ type: "pair_selected", instance_id, region });

  /** The list as the server has it now: its own event may come later than the answer. */
  async function reread(video_id) {
    const part = (state) => state.annotations.instances;
    const { instances } = await upToDate(store, video_id, part, () => api.listInstances(video_id));
    store.dispatch({ type: "instances_changed", video_id, instances });
  }

  /** Add one and select it, at the first region if the user wants that. */
  function addInstance() {
    const [first] = store.state.annotations.regions;
    return add(store.state.view.first_region && first ? first.name : null);
  }

  /** @param {string | null} region null: the selected one @returns {Promise<boolean>} whether its video is still open */
  async function add(region) {
    const video_id = open();
    if (!video_id) return false;
    const { instance_id } = await api.createInstance(video_id);
    await reread(video_id);
    if (open() !== video_id) return false;
    select(instance_id, region);
    return true;
  }

  let adding = null;

  /** A first instance for the first click; quick clicks share it. @returns {Promise<boolean>} whether its video is still open */
  function ensureInstance() {
    const video_id = open();
    if (adding?.video_id === video_id) return adding.done;
    const mine = { video_id, done: add(null).finally(() => adding === mine && (adding = null)) };
    adding = mine;
    return mine.done;
  }

  /** @param {number} instance_id @param {any} changes fields of the instance */
  async function changeInstance(instance_id, changes) {
    const video_id = open();
    await api.updateInstance(video_id, instance_id, changes);
    await reread(video_id);
  }

  const renameInstance = (instance_id, name) => changeInstance(instance_id, { name });
  const recolourInstance = (instance_id, colour) => changeInstance(instance_id, { colour });
  const lockInstance = (instance_id, locked) => changeInstance(instance_id, { locked });

  /** Lock or unlock the selected one. */
  function toggleLock() {
    const instance = currentInstance(store.state);
    if (instance) return lockInstance(instance.instance_id, !instance.locked);
  }

  const hideInstance = (instance_id, hidden) => changeInstance(instance_id, { hidden });

  /** Delete at once; the toast brings it back. @param {number} instance_id */
  async function deleteInstance(instance_id) {
    const video_id = open();
    const gone = store.state.annotations.instances.find((listed) => listed.instance_id === instance_id);
    if (!gone) return;
    const { trash_id } = await api.deleteInstance(video_id, instance_id, meOf(store.state));
    await reread(video_id);
    toast({ level: "info", message: `${inSentence(titleOf(gone))} deleted.`, action: "restoreTrashed", args: [trash_id] });
  }

  return {
    addInstance,
    ensureInstance,
    changeInstance,
    renameInstance,
    recolourInstance,
    hideInstance,
    lockInstance,
    toggleLock,
    deleteInstance,
  };
}
