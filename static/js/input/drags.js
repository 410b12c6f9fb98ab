/** Presses on the stage, and the distance that makes one a drag. */

const DRAG_SCREEN = 3; // CSS px before a press is a drag

/**
 * @typedef {{point: number[], at: number[], button: number, shift: boolean, ctrl: boolean, alt: boolean, ms: number}} Press
 *   point in source px, at in CSS px of the stage, ms: when
 * @typedef {{move?: (press: Press) => void, release?: (press: Press) => void, cancel?: () => void,
 *   pans?: boolean, paints?: boolean}} Drag
 */

/** @param {Press} from @param {Press} to */
export const isFar = (from, to) => Math.hypot(from.at[0] - to.at[0], from.at[1] - to.at[1]) >= DRAG_SCREEN;
