/** Tooltips and key caps follow the keys as they are now. */

/** @import { Store } from "../core/store.js" */

/**
 * A key belongs to one row, so what a hint says tells whose it is; from then on it is marked.
 * @param {{store: Store, rows: () => {name: string, show: string[]}[]}} deps
 */
export function mountKeyHints({ store, rows }) {
  const first = () => new Map(rows().map(({ name, show }) => [name, show[0] ?? ""]));
  let before = first();
  store.watch(
    (state) => state.view.keys,
    () => {
      const now = first();
      for (const [name, to] of now) if (before.get(name) !== to) relabel(name, before.get(name), to);
      before = now;
    },
  );
}

/** @param {string} name of the row @param {string} from @param {string} to empty: it has no key now */
function relabel(name, from, to) {
  for (const cap of elements("kbd, .tool s")) {
    if (cap.closest("#help")) continue;
    if (from && !cap.dataset.row && cap.textContent === from) cap.dataset.row = name;
    if (cap.dataset.row !== name) continue;
    cap.textContent = to;
    cap.hidden = !to;
  }
  for (const node of elements("[title]")) {
    const title = from ? exchanged(node.title, from, to) : regained(node, name, to);
    if (title === node.title || (node.dataset.row ?? name) !== name) continue;
    node.dataset.row = name;
    node.title = title;
  }
}

/** @param {string} selector @returns {NodeListOf<HTMLElement>} */
const elements = (selector) => document.querySelectorAll(selector);

/** "Undo (U)" → "Undo (Z)"; without a key "Undo". */
const exchanged = (title, from, to) =>
  title.replace(/ \(([^()]*)\)$/, (whole, inside) => (to ? inParentheses(whole, inside, from, to) : inside === from ? "" : whole));

const regained = ({ title, dataset }, name, to) =>
  dataset.row === name && !title.endsWith(")") ? `${title} (${to})` : title;

/** "(H; hold to peek)", "(↓ and ↑)": only a whole word is a key. */
function inParentheses(whole, inside, from, to) {
  const words = inside.split(/( and |; |, )/);
  return words.includes(from) ? ` (${words.map((word) => (word === from ? to : word)).join("")})` : whole;
}
