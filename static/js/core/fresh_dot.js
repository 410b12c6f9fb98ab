/** The dot that was just made: a second click close to it adds another one, where it would take an older dot away. */

const NEAR_SCREEN = 10; // CSS px
export const FRESH_MS = 1500;

export class FreshDot {
  #made = null;

  /** @param {number[]} at on screen, CSS px @param {number} ms when */
  made(at, ms) {
    this.#made = { at, ms };
  }

  /** Tell if a click there and then is beside it; once the pointer has gone away the dot is like any other. @param {number[]} at @param {number} ms */
  isNear(at, ms) {
    if (!this.#made) return false;
    const [x, y] = this.#made.at;
    const near = Math.hypot(at[0] - x, at[1] - y) <= NEAR_SCREEN && ms - this.#made.ms <= FRESH_MS;
    if (!near) this.#made = null;
    return near;
  }
}
