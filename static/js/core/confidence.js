/** The model's confidence that the object is there, in a few levels that can be coloured. */

// Object scores are log-odds: 4 is 98 %, 2 is 88 %, 0 is even.
const LEVELS = [
  { level: "sure", least: 4, words: "sure" },
  { level: "fair", least: 2, words: "fairly sure" },
  { level: "unsure", least: 0, words: "unsure" },
  { level: "absent", least: -Infinity, words: "object not seen" },
];
const DOUBTFUL = new Set(["unsure", "absent"]);

/** Null where nobody asked the model. @param {number | null | undefined} score @returns {string | null} */
export const confidenceOf = (score) =>
  score === null || score === undefined ? null : LEVELS.find(({ least }) => score >= least).level;

/** @param {string | null} level */
export const isDoubtful = (level) => DOUBTFUL.has(level);

/** "sure (99 %)". @param {number} score */
export function confidenceWords(score) {
  const { words } = LEVELS.find(({ least }) => score >= least);
  return `${words} (${Math.round(100 / (1 + Math.exp(-score)))} %)`;
}
