/** Records put together to one; a name that two of them share is an error, not a silent overwrite. */

/**
 * @template {Record<string, any>[]} Records
 * @param {...any} records
 * @returns {any}
 */
export function disjoint(...records) {
  const all = {};
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      if (Object.hasOwn(all, name)) throw new Error(`two groups have the name ${name}`);
      all[name] = value;
    }
  }
  return all;
}
