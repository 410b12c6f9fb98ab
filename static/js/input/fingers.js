/** Tells a finger's tap, its long press and its drag from two fingers that pinch: nothing is done before it is known which it is. */

/** @typedef {import("./drags.js").Press} Press */

const SLOP_SCREEN = 9; // CSS px that a resting finger may stray
const LONG_MS = 500;
const RIGHT = 2; // the button that a long press stands for

/**
 * @typedef {object} Acts what fingers do
 * @property {(press: Press) => boolean} grabs whether a drag from here is one of the tool's; else it pans
 * @property {() => boolean} holds whether a long press is the right button
 * @property {(press: Press) => void} begin
 * @property {(press: Press) => void} move
 * @property {(press: Press) => void} release
 * @property {() => void} cancel takes back what was begun
 * @property {(dx: number, dy: number) => void} pan
 * @property {(at: number[], factor: number) => void} zoom
 */

export class Fingers {
  /** @type {"none" | "waiting" | "drawing" | "panning" | "pinching" | "over"} */
  #state = "none";
  #at = new Map(); // pointer id → CSS px of the stage
  #first = null; // the press of the first finger
  #timer;
  #acts;

  /** @param {Acts} acts */
  constructor(acts) {
    this.#acts = acts;
  }

  /** Tell if any finger is down. */
  get busy() {
    return this.#at.size > 0;
  }

  /** @param {number} id @param {Press} press */
  down(id, press) {
    this.#at.set(id, press.at);
    if (this.#at.size === 1) this.#wait(press);
    else if (this.#at.size === 2) this.#turnTo("pinching");
  }

  /** @param {number} id @param {Press} press */
  move(id, press) {
    if (!this.#at.has(id)) return;
    const before = this.#spread();
    this.#at.set(id, press.at);
    if (this.#state === "waiting" && distance(this.#first.at, press.at) > SLOP_SCREEN) this.#drag();
    if (this.#state === "drawing") this.#acts.move(press);
    if (this.#state === "panning" || this.#state === "pinching") this.#follow(before);
  }

  /** @param {number} id @param {Press} press */
  up(id, press) {
    if (!this.#at.delete(id)) return;
    if (this.#state === "waiting") this.#tap(this.#first);
    if (this.#state === "drawing") this.#acts.release(press);
    this.#end();
  }

  /** The system took the finger away. @param {number} id */
  cancel(id) {
    if (!this.#at.delete(id)) return;
    if (this.#state === "drawing") this.#acts.cancel();
    this.#end();
  }

  #wait(press) {
    this.#first = press;
    this.#state = "waiting";
    if (!this.#acts.holds()) return;
    this.#timer = setTimeout(() => {
      this.#tap({ ...press, button: RIGHT });
      this.#turnTo("over");
    }, LONG_MS);
  }

  #tap(press) {
    this.#acts.begin(press);
    this.#acts.release(press);
  }

  #drag() {
    if (!this.#acts.grabs(this.#first)) return this.#turnTo("panning");
    this.#turnTo("drawing");
    this.#acts.begin(this.#first);
  }

  #turnTo(state) {
    clearTimeout(this.#timer);
    if (this.#state === "drawing") this.#acts.cancel();
    this.#state = state;
  }

  /** End the gesture: one of several fingers that is lifted ends it for all. */
  #end() {
    clearTimeout(this.#timer);
    this.#state = this.#at.size ? "over" : "none";
  }

  #follow(before) {
    const now = this.#spread();
    this.#acts.pan(now.at[0] - before.at[0], now.at[1] - before.at[1]);
    if (before.wide && now.wide) this.#acts.zoom(now.at, now.wide / before.wide);
  }

  /** The middle of the first two fingers, and how far apart they are; 0 for one. */
  #spread() {
    const [one, other = one] = this.#at.values();
    return { at: [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2], wide: distance(one, other) };
  }
}

const distance = (from, to) => Math.hypot(from[0] - to[0], from[1] - to[1]);
