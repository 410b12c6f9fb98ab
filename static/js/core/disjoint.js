/** Merges records to one; a name that two of them share is an error, not a silent overwrite. */

/**
 * @template U
 * @typedef {(U extends any ? (part: U) => void : never) extends (part: infer All) => void ? All : never} Intersection
 */

/**
 * @template {object[]} Records
 * @param {Records} records
 * @returns {import("./closed.js").Closed<Intersection<Records[number]>>}
 */
export function disjoint(...records) {
  const all = {};
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      if (Object.hasOwn(all, name)) throw new Error(`two groups have the name ${name}`);
      all[name] = value;
    }
  }
  return /** @type {any} */ (all);
}
