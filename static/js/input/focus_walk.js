/** Tells whether the user moves the focus through the controls; then Tab goes to the next one. */

const TYPING = "input:not([type=range]):not([type=color]):not([type=file]), textarea, select, [contenteditable]";

/** A text field keeps its keys. @param {Element} target */
export const isTyping = (target) => Boolean(target.closest(TYPING));

/**
 * A walk begins where Tab leaves a text field or a dialog, by F6, or while there is no region to
 * switch to; a click or Escape ends it. A control that merely has the focus since a click is no walk.
 */
export class FocusWalk {
  #walking = false;
  #hasRegions;

  /** @param {{hasRegions: () => boolean, signal?: AbortSignal}} deps */
  constructor({ hasRegions, signal }) {
    this.#hasRegions = hasRegions;
    addEventListener("keydown", (event) => this.#pressed(event), { capture: true, signal });
    addEventListener("pointerdown", () => this.#turn(false), { capture: true, signal });
  }

  get walking() {
    return this.#walking;
  }

  #pressed({ key, target }) {
    if (key === "Escape") this.#turn(false);
    else if (key === "F6") this.#turn(true);
    else if (key === "Tab" && this.#leaves(target)) this.#turn(true);
  }

  #leaves(target) {
    if (!this.#hasRegions()) return true;
    return target instanceof Element && (isTyping(target) || target.closest("dialog") !== null);
  }

  #turn(walking) {
    this.#walking = walking;
  }
}
