/** The user's own keys, laid over those of the keymap: rows, clashes, changes. */

import { spelled } from "./keys.js";

/** @typedef {Record<string, string[]>} Own  by row: the keys it has instead of the table's */

/** Rows that always keep their keys. @param {{name: string}} row */
export const isFixed = ({ name }) => name === "cancelRun" || /^instance\d$/.test(name);

/**
 * The rows as they are now. A key that a row took is gone from the table's own row.
 * @template {{name: string, keys: string[], show: string[]}} Row
 * @param {Row[]} table @param {Own} own
 * @returns {(Row & {changed: boolean})[]}
 */
export function boundRows(table, own) {
  return table.map((row) => {
    const keys = isFixed(row) ? row.keys : (own[row.name] ?? row.keys);
    const changed = keys !== row.keys;
    return { ...row, keys, show: changed ? keys.map(spelled) : row.show, changed };
  });
}

/** The row that has the key already. @template {{name: string, keys: string[]}} Row @param {Row[]} rows @param {string} name @param {string} key */
export const clash = (rows, name, key) => rows.find((row) => row.name !== name && row.keys.includes(key)) ?? null;

/**
 * Give a row a key in the place of another (null: one more); a row that had it loses it.
 * @param {{name: string, keys: string[]}[]} rows as they are now @param {Own} own
 * @param {{name: string, from: string | null, to: string}} change @returns {Own}
 */
export function withKey(rows, own, { name, from, to }) {
  const next = { ...own };
  for (const row of rows) {
    const without = row.keys.filter((key) => key !== to);
    if (row.name !== name && without.length < row.keys.length) next[row.name] = without;
  }
  const { keys } = rows.find((row) => row.name === name);
  const at = from === null ? keys.length : keys.indexOf(from);
  next[name] = [...new Set(keys.toSpliced(at, from === null ? 0 : 1, to))];
  return next;
}

/**
 * Give a row its keys of the table back; rows that took one of them lose it again.
 * @param {{name: string, keys: string[]}[]} table @param {Own} own @param {string} name @returns {Own}
 */
export function withoutOwn(table, own, name) {
  const { [name]: gone, ...rest } = own;
  const back = table.find((row) => row.name === name)?.keys ?? [];
  return Object.fromEntries(
    Object.entries(rest).map(([other, keys]) => [other, keys.filter((key) => !back.includes(key))]),
  );
}

/** The usable part of stored keys: another version, or a hand, may have written them. @param {any} stored @returns {Own} */
export function readOwn(stored) {
  if (!stored || typeof stored !== "object" || Array.isArray(stored)) return {};
  const good = ([, keys]) => Array.isArray(keys) && keys.every((key) => typeof key === "string" && key);
  return Object.fromEntries(Object.entries(stored).filter(good));
}
