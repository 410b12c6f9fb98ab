/** The button and the keys held during an event of the pointer, as the tools read them. */

const ERASER = 5; // of a pen, as browsers number it

/**
 * On a Mac Cmd stands for Ctrl, and a click with Ctrl is a right click. The other end of a pen is the right button, too.
 * @param {{button?: number, shiftKey: boolean, altKey: boolean, ctrlKey: boolean, metaKey: boolean}} event
 * @param {boolean} on_mac
 * @returns {{button: number, shift: boolean, alt: boolean, ctrl: boolean, secondary: boolean}}
 *   secondary: a left press now would be a right one
 */
export function pointerKeys({ button = 0, shiftKey: shift, altKey: alt, ctrlKey, metaKey }, on_mac) {
  const secondary = on_mac && ctrlKey;
  const right = (secondary && button === 0) || button === ERASER;
  return { button: right ? 2 : button, shift, alt, ctrl: metaKey || (ctrlKey && !on_mac), secondary };
}
