/** The panels that fold away, and the rules of folding them. */

export const PANELS = ["left", "right", "time"];

/** The usable part of a stored list: another version, or a hand, may have written it. @param {any} stored @returns {string[]} */
export const readFolded = (stored) => (Array.isArray(stored) ? PANELS.filter((name) => stored.includes(name)) : []);

/** Fold a panel, or bring it back. @param {string[]} folded @param {string} name */
export const withFold = (folded, name) => PANELS.filter((panel) => folded.includes(panel) !== (panel === name));

/**
 * Fold all panels; with none left open, bring back those that were.
 * @param {{folded: string[], folded_before: string[]}} view
 */
export function allFolded({ folded, folded_before }) {
  if (folded.length < PANELS.length) return { folded: PANELS, folded_before: folded };
  return { folded: folded_before.length < PANELS.length ? folded_before : [], folded_before: [] };
}
