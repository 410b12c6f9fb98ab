/** Names of (instance, region) pairs and of their histories inside the state. */

/** @param {number} instance_id @param {string} region */
export const pairName = (instance_id, region) => `${instance_id}/${region}`;

/** @param {{instance_id: number, region: string}} key */
export const pairOfKey = (key) => pairName(key.instance_id, key.region);

/** @param {string} pair @returns {{instance_id: number, region: string}} */
export function splitPair(pair) {
  const cut = pair.indexOf("/");
  return { instance_id: Number(pair.slice(0, cut)), region: pair.slice(cut + 1) };
}

/** Name the history of a pair; region null: of an instance's keypoints. @param {number} instance_id @param {string | null} region */
export const historyName = (instance_id, region) => pairName(instance_id, region ?? "");
