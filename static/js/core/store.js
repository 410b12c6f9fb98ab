/** The page's one state: changed by dispatch, seen by watch. */

/** @import { State } from "./state.js" */

/** @typedef {{type: string} & Record<string, any>} Action  a fact, named in past tense */

/** Two selections are the same if they are identical, or lists of identical things. */
function same(before, after) {
  if (Object.is(before, after)) return true;
  if (!Array.isArray(before) || !Array.isArray(after)) return false;
  return before.length === after.length && before.every((value, i) => Object.is(value, after[i]));
}

/** @template [S=State] */
export class Store {
  #reduce;
  #state;
  #watchers = new Set();
  #rendering = false;

  /** @param {(state: S, action: Action) => S} reduce  @param {S} state */
  constructor(reduce, state) {
    this.#reduce = reduce;
    this.#state = state;
  }

  /** @returns {S} */
  get state() {
    return this.#state;
  }

  /** Apply one fact and let every watcher see the new state. @param {Action} action */
  dispatch(action) {
    if (this.#rendering) throw new Error(`dispatch(${action.type}) inside a render`);
    const next = this.#reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    this.#rendering = true;
    try {
      for (const watcher of [...this.#watchers]) watcher(next);
    } finally {
      this.#rendering = false;
    }
  }

  /**
   * Call render(value) now, and again whenever select(state) is a new value (lists: a new element).
   * @template const T
   * @param {(state: S) => T} select
   * @param {(value: T) => void} render
   * @param {AbortSignal} [signal] ends it
   * @returns {() => void} unwatch
   */
  watch(select, render, signal) {
    let value = select(this.#state);
    const watcher = (state) => {
      const next = select(state);
      if (same(value, next)) return;
      value = next;
      render(next);
    };
    const unwatch = () => this.#watchers.delete(watcher);
    this.#watchers.add(watcher);
    signal?.addEventListener("abort", unwatch);
    render(value);
    return unwatch;
  }
}
