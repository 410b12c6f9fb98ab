/** Runs a few loads at a time, the most urgent first; loads no longer wanted never start. */

export class Loader {
  #load;
  #concurrency;
  #waiting = [];
  #running = new Set();

  /** @param {{load: (request: any) => Promise<void>, concurrency: number}} options  load never rejects */
  constructor({ load, concurrency }) {
    this.#load = load;
    this.#concurrency = concurrency;
  }

  /** Replace the waiting requests. @param {{name: string}[]} requests most urgent first */
  want(requests) {
    this.#waiting = requests.filter(({ name }) => !this.#running.has(name));
    this.#fill();
  }

  #fill() {
    while (this.#running.size < this.#concurrency && this.#waiting.length) {
      const request = this.#waiting.shift();
      this.#running.add(request.name);
      this.#load(request).finally(() => {
        this.#running.delete(request.name);
        this.#fill();
      });
    }
  }
}
