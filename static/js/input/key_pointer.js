/** A pointer moved by keys: all that a mouse does on the stage, without one. */

/** @import { Commands } from "../views/page_commands.js" */
/** @import { Store } from "../core/store.js" */

const STEP_PX = 10; // CSS px of an arrow key
const FINE_PX = 1; // with Shift
const FAR_PX = 50; // with Ctrl
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const DRAWN = ["box", "brush", "eraser"]; // tools that Enter begins and ends a drag with

/**
 * While it is on, arrows move it, Enter presses the left button and Shift+Enter the right one, Escape ends first a drag,
 * then the pointer. A box and a stroke last from one Enter to the next. A mouse that moves takes over.
 */
export class KeyPointer {
  #deps;
  #at = null; // CSS px of the stage; null: not yet used

  /**
   * @param {HTMLElement} surface the top canvas
   * @param {{store: Store, commands: Commands, pointer: ReturnType<typeof import("./pointer.js").listenToPointer>}} deps
   */
  constructor(surface, deps) {
    this.#deps = { ...deps, surface };
    const { store, pointer } = deps;
    const takenOver = () => this.#isOn && deps.commands.togglePointing();
    surface.addEventListener("pointerdown", takenOver);
    surface.addEventListener("pointermove", ({ movementX, movementY }) => (movementX || movementY) && takenOver());
    store.watch(
      (state) => state.view.pointing,
      (on) => queueMicrotask(() => (on ? this.#move([0, 0]) : pointer.leave())),
    );
  }

  /** Take a key that is meant for it. @param {KeyboardEvent} event @returns {boolean} whether it was */
  take(event) {
    if (!this.#isOn || event.altKey || event.metaKey) return false;
    const way = WAYS[event.key];
    if (way) this.#move(way.map((sign) => sign * stepOf(event)));
    else if (event.key === "Enter" && !event.ctrlKey) this.#press(event);
    else if (event.key === "Escape" && !this.#deps.pointer.cancel()) this.#deps.commands.togglePointing();
    else if (event.key !== "Escape") return false;
    return true;
  }

  get #isOn() {
    return this.#deps.store.state.view.pointing;
  }

  #move([dx, dy]) {
    const { clientWidth, clientHeight } = this.#deps.surface;
    const [x, y] = this.#at ?? [clientWidth / 2, clientHeight / 2];
    this.#at = [within(x + dx, clientWidth), within(y + dy, clientHeight)];
    this.#deps.pointer.moveTo(this.#at);
  }

  #press({ shiftKey, repeat }) {
    if (repeat) return;
    const { pointer, store } = this.#deps;
    const button = shiftKey ? 2 : 0;
    if (pointer.isDragging()) return pointer.release(this.#at, button);
    pointer.press(this.#at, button);
    if (!DRAWN.includes(store.state.view.tool)) pointer.release(this.#at, button);
  }
}

const stepOf = ({ shiftKey, ctrlKey }) => (shiftKey ? FINE_PX : ctrlKey ? FAR_PX : STEP_PX);
const within = (value, high) => Math.min(Math.max(0, Math.round(value)), high - 1);
