/** The browser's storage, or one that ends with the page: a browser that keeps sites from storing anything refuses even to hand it out. */

/** Its own fields are what is stored, as those of a Storage are. */
class PassingStorage {
  getItem(name) {
    return Object.hasOwn(this, name) ? this[name] : null;
  }

  setItem(name, text) {
    this[name] = String(text);
  }

  removeItem(name) {
    delete this[name];
  }
}

/** @param {"localStorage" | "sessionStorage"} name @returns {any} a Storage as far as this page uses one */
export function storageOf(name) {
  try {
    const storage = globalThis[name];
    storage.getItem("");
    return storage;
  } catch {
    return new PassingStorage();
  }
}

/** Tell if it ends with the page. @param {any} storage */
export const isPassing = (storage) => storage instanceof PassingStorage;
