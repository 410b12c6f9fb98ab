/** Marks the instances and regions that this window draws. */

/** @import { Instance, Region } from "../wire.js" */

/** An instance is drawn unless it is hidden for all, or another one is shown alone. */
const withShown = (instances, solo) =>
  instances.map((instance) => {
    const { hidden_for_all = instance.hidden, ...rest } = instance;
    return { ...rest, hidden_for_all, hidden: solo === null ? hidden_for_all : instance.instance_id !== solo };
  });

/**
 * An instance that was shown alone and is gone leaves all of them shown.
 * @param {{instances: Instance[], solo: number | null}} annotations @param {Instance[]} [instances] as the server has them
 */
export function instancesShown(annotations, instances = annotations.instances) {
  const solo = instances.some(({ instance_id }) => instance_id === annotations.solo) ? annotations.solo : null;
  return { solo, instances: withShown(instances, solo) };
}

/** @param {Region[]} regions @param {string[]} hidden names @returns {Region[]} */
export const regionsShown = (regions, hidden) =>
  regions.map((region) => ({ ...region, hidden: hidden.includes(region.name) }));
