/** The part of the browser's storage that belongs to one server: ops kept for one never go to another. */

/**
 * The server whose part it is; empty for the one at the root of the page's origin, as it always was.
 * @param {{base: string}} server @param {string} page the origin of the page
 */
export const storageScope = ({ base }, page) => (base === page ? "" : base);

/**
 * @param {Storage} storage @param {string} server its address; empty: the server of this page, as it always was
 * @returns {any} a Storage as far as this page uses one, with `names` instead of its keys
 */
export function scopedStorage(storage, server) {
  const prefix = server ? `${server}|` : "";
  const own = (name) => (server ? name.startsWith(prefix) : !/^https?:\/\/[^|]*\|/.test(name));
  return {
    getItem: (name) => storage.getItem(prefix + name),
    setItem: (name, text) => storage.setItem(prefix + name, text),
    removeItem: (name) => storage.removeItem(prefix + name),
    names: () => Object.keys(storage).filter(own).map((name) => name.slice(prefix.length)),
  };
}
