/** Values up to a total weight; the one used longest ago goes first. */

export class Lru {
  #entries = new Map();
  #limit;
  #weigh;
  #drop;
  #weight = 0;

  /** @param {{limit: number, weigh: (value: any) => number, drop?: (value: any) => void}} options */
  constructor({ limit, weigh, drop = () => {} }) {
    this.#limit = limit;
    this.#weigh = weigh;
    this.#drop = drop;
  }

  /** @param {string} name */
  get(name) {
    const value = this.#entries.get(name);
    if (value === undefined) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, value);
    return value;
  }

  /** @param {string} name @param {any} value */
  set(name, value) {
    this.delete(name);
    this.#entries.set(name, value);
    this.#weight += this.#weigh(value);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#limit || oldest === name) break;
      this.delete(oldest);
    }
  }

  /** @param {string} name */
  delete(name) {
    const value = this.#entries.get(name);
    if (value === undefined) return;
    this.#entries.delete(name);
    this.#weight -= this.#weigh(value);
    this.#drop(value);
  }

  /** @param {(name: string) => boolean} goes */
  deleteWhere(goes) {
    for (const name of [...this.#entries.keys()]) if (goes(name)) this.delete(name);
  }

  clear() {
    for (const name of [...this.#entries.keys()]) this.delete(name);
  }

  get size() {
    return this.#entries.size;
  }
}
