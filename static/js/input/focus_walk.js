/** Tells whether the user moves the focus through the controls; then Tab goes to the next one. */

const TYPING = "input:not([type=range]):not([type=color]):not([type=file]), textarea, select, [contenteditable]";

/** A text field keeps its keys. @param {Element} target */
export const isTyping = (target) => Boolean(target.closest(TYPING));

/**
 * A walk begins where Tab leaves a text field or a dialog, by F6, or while there is no region to
 * switch to; a click or Escape ends it, and so does Enter where it hands the focus back to the stage. A control that merely has the focus since a click is no walk.
 */
export class FocusWalk {
  #walking = false;
  #last = ""; // the key pressed last
  #hasRegions;

  /** @param {{hasRegions: () => boolean, signal?: AbortSignal}} deps */
  constructor({ hasRegions, signal }) {
    this.#hasRegions = hasRegions;
    addEventListener("keydown", (event) => this.#pressed(event), { capture: true, signal });
    addEventListener("focusin", ({ target }) => this.#entered(target), { signal });
    addEventListener("pointerdown", () => this.#turn(false), { capture: true, signal });
  }

  get walking() {
    return this.#walking;
  }

  /** The focus came to the stage: walked there, or handed back by what one was done with. */
  #entered(target) {
    if (target instanceof Element && target.id === "stage" && !["Tab", "F6"].includes(this.#last)) this.#turn(false);
  }

  #pressed({ key, target }) {
    this.#last = key;
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
