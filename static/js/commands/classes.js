/** The classes of instances: chosen, added to the list, taken off it. */

import { inSentence } from "../core/format.js";
import { addClass, deleteClass } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function, changeInstance: (instance_id: number, changes: any) => Promise<void>}} deps */
export function classCommands({ store, toast, changeInstance }) {
  /** Null takes its class away. @param {number} instance_id @param {string | null} class_name */
  const classifyInstance = (instance_id, class_name) => changeInstance(instance_id, { class_name });

  /** Add a class to the list, unless it is there, and give it to an instance. @param {number} instance_id @param {string} name */
  async function classifyAnew(instance_id, name) {
    const same = store.state.annotations.classes.find((listed) => listed.toLowerCase() === name.toLowerCase());
    const { name: class_name } = same ? { name: same } : await addClass(name);
    await classifyInstance(instance_id, class_name);
  }

  /** Take a class off the list; instances that have it keep it, and the toast brings it back. @param {string} name */
  async function removeClass(name) {
    await deleteClass(name);
    toast({ level: "info", message: `Class ${inSentence(name)} is off the list; instances keep it.`, action: "bringClassBack", args: [name] });
  }

  /** @param {string} name */
  const bringClassBack = (name) => addClass(name);

  return { classifyInstance, classifyAnew, removeClass, bringClassBack };
}
