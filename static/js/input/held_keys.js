/** Keys that act while they are held. */

export class HeldKeys {
  #space = false;
  #used = false;

  /** @param {boolean} down */
  setSpace(down) {
    if (down && !this.#space) this.#used = false;
    this.#space = down;
  }

  /** Space is down: a drag pans. */
  get panning() {
    return this.#space;
  }

  /** The held Space did something: its release is no tap. */
  use() {
    this.#used = true;
  }

  get used() {
    return this.#used;
  }
}
