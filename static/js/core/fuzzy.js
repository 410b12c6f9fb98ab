/** Fuzzy search: how well typed letters fit a text, and which of its letters they are. */

const START_OF_WORD = 4;
const NEXT_LETTER = 6; // follows the letter found before it
const AT_FRONT = 5;
const SKIPPED = 0.3; // for each letter passed over between two that were found
const LONGER = 0.03; // for each letter of the text

/** @typedef {{score: number, at: number[]}} Fit  at: places of the letters in the text */

/**
 * The letters of the query in their order; whole words of it count most. Null: they are not all there.
 * @param {string} query @param {string} text @returns {Fit | null}
 */
export function fit(query, text) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const low = text.toLowerCase();
  const found = words.map((word) => fitWord(word, low));
  if (found.some((each) => each === null)) return null;
  const at = [...new Set(found.flatMap((each) => each.at))].sort((a, b) => a - b);
  return { score: found.reduce((sum, each) => sum + each.score, 0) - text.length * LONGER, at };
}

/** The best of: the word as it stands, its letters from each place where the first one is. */
function fitWord(word, text) {
  let best = null;
  for (let from = text.indexOf(word[0]); from >= 0; from = text.indexOf(word[0], from + 1)) {
    const found = lettersFrom(word, text, from);
    if (found && (!best || found.score > best.score)) best = found;
  }
  return best;
}

/** A whole word from there if it stands there, else each letter where it comes next, preferably at the start of a word. */
function lettersFrom(word, text, from) {
  const at = text.startsWith(word, from) ? [...word].map((_, i) => from + i) : spread(word, text, from);
  return at && { score: scoreOf(at, text), at };
}

function spread(word, text, from) {
  const at = [];
  let next = from;
  for (const letter of word) {
    const here = text.indexOf(letter, next);
    if (here < 0) return null;
    const start = here === next ? here : startOfWord(letter, text, next);
    const place = start >= 0 && rest(word, at.length + 1, text, start + 1) ? start : here;
    at.push(place);
    next = place + 1;
  }
  return at;
}

const isStart = (text, at) => at === 0 || !/[a-z0-9]/.test(text[at - 1]);

function startOfWord(letter, text, from) {
  for (let at = text.indexOf(letter, from); at >= 0; at = text.indexOf(letter, at + 1)) if (isStart(text, at)) return at;
  return -1;
}

/** Tell if the letters that remain still come after a place. */
function rest(word, done, text, from) {
  let next = from;
  for (const letter of word.slice(done)) {
    next = text.indexOf(letter, next) + 1;
    if (!next) return false;
  }
  return true;
}

function scoreOf(at, text) {
  let score = at[0] === 0 ? AT_FRONT : 0;
  at.forEach((place, i) => {
    if (isStart(text, place)) score += START_OF_WORD;
    if (i && at[i - 1] === place - 1) score += NEXT_LETTER;
    else if (i) score -= (place - at[i - 1]) * SKIPPED;
  });
  return score;
}
