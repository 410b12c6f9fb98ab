/** Runs a few loads at a time, the most urgent first; loads no longer wanted never start, and spare ones are broken off. */

/** @typedef {{name: string, spare?: boolean}} Request */

export class Loader {
  #load;
  #concurrency;
  #waiting = [];
  /** @type {Map<string, {spare: boolean, abort: AbortController}>} */
  #running = new Map();

  /** @param {{load: (request: any, signal: AbortSignal) => Promise<void>, concurrency: number}} options  load never rejects */
  constructor({ load, concurrency }) {
    this.#load = load;
    this.#concurrency = concurrency;
  }

  /** Replace the waiting requests. @param {Request[]} requests most urgent first */
  want(requests) {
    const names = new Set(requests.map(({ name }) => name));
    for (const [name, { spare, abort }] of this.#running) if (spare && !names.has(name)) abort.abort();
    this.#waiting = requests.filter(({ name }) => !this.#running.has(name));
    this.#fill();
  }

  #fill() {
    while (this.#running.size < this.#concurrency && this.#waiting.length) {
      const request = this.#waiting.shift();
      const abort = new AbortController();
      this.#running.set(request.name, { spare: request.spare === true, abort });
      this.#load(request, abort.signal).finally(() => {
        this.#running.delete(request.name);
        this.#fill();
      });
    }
  }
}
