/** Everything the page uses that browsers offer in secure contexts only: over plain http from another machine it is missing. */

/** Locks between the tabs of this browser, or undefined. @returns {LockManager | undefined} */
export const tabLocks = () => globalThis.navigator?.locks;

/** Asks where to save a file, or null. @returns {((options: any) => Promise<any>) | null} */
export const savePicker = () => globalThis.showSaveFilePicker?.bind(globalThis) ?? null;

/**
 * Places of the pointer between its last event and this one, for smooth strokes; none where the browser keeps them to itself.
 * @param {PointerEvent} event @returns {PointerEvent[]}
 */
export const movesSince = (event) => event.getCoalescedEvents?.() ?? [];

/** A random id; `crypto.randomUUID` is for secure contexts, `getRandomValues` is not. @returns {string} 24 hexadecimal digits */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
