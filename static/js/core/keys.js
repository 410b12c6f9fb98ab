/** Names of keys, in the keymap and for people. */

const LATIN = /^[\x20-\x7e]$/;

const SYMBOL = /^[^\sa-z0-9]$/i;
const BRACKET = /^[[\]]$/;
const LETTER_OR_DIGIT = /^(?:Key|Digit)(.)$/;

const NAMELESS = new Set(["Unidentified", ""]);
const NAMED_CODE = /^(?:Tab|Enter|Escape|Backspace|Delete|Home|End|PageUp|PageDown|Arrow\w+|F\d+)$/;

/**
 * The key itself, or by its place where the browser cannot name it: WebKit on Linux says "Unidentified" of Shift+Tab.
 * @param {{key: string, code: string}} event
 */
export function pressedKey({ key, code }) {
  if (!NAMELESS.has(key)) return key;
  return LETTER_OR_DIGIT.exec(code)?.[1] ?? (NAMED_CODE.test(code) ? code : key);
}

/**
 * Spell a pressed key as the table does: by its letter; by its place where the layout has no Latin letters.
 * A character that the layout writes with AltGr or Option is itself: these only made it.
 * @param {{key: string, code: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean,
 *   getModifierState?: (name: string) => boolean}} event
 */
export function keyName(event) {
  const { code, shiftKey } = event;
  const key = pressedKey(event);
  const alt_graph = event.getModifierState?.("AltGraph") ?? false;
  let name = key;
  const single = [...key].length === 1;
  if (single && !LATIN.test(key) && !alt_graph) name = LETTER_OR_DIGIT.exec(code)?.[1] ?? key;
  const letter = /^[a-z]$/i.test(name);
  if (letter) name = name.toLowerCase();
  const made = isMade(event, name, alt_graph);
  const ctrl = !made && (event.ctrlKey || event.metaKey);
  const alt = !made && event.altKey;
  const shifted = shiftKey && (letter || !single); // a symbol already says that Shift was held
  return `${ctrl ? "Ctrl+" : ""}${alt ? "Alt+" : ""}${shifted ? "Shift+" : ""}${name}`;
}

/** Windows reports AltGr as Ctrl and Alt; a Mac writes brackets with Option on digits and letters. */
function isMade({ code, ctrlKey, altKey }, name, alt_graph) {
  if (!altKey) return false;
  if (ctrlKey) return SYMBOL.test(name);
  return !alt_graph && BRACKET.test(name) && LETTER_OR_DIGIT.test(code);
}

const READ = {
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space", Escape: "Esc",
  Delete: "Del", PageUp: "PgUp", PageDown: "PgDn", "-": "−",
};

/** "Shift+ArrowLeft" → "Shift+←". @param {string} name as `keyName` spells it */
export function spelled(name) {
  const [, held, key] = /^((?:(?:Ctrl|Alt|Shift)\+)*)(.+)$/s.exec(name) ?? ["", "", name];
  return held + (READ[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

const HELD = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Dead", "Unidentified", "Process"]);
const OF_THE_BROWSER = new Set(["Ctrl+w", "Ctrl+t", "Ctrl+n", "Ctrl+Shift+w", "Ctrl+Shift+t", "Ctrl+Shift+n", "Ctrl+r", "Ctrl+Tab", "F5", "F11", "F12", "Alt+F4"]);

/** Tell if a press is only a modifier, so that the key itself is still to come. @param {string} key */
export const isModifier = (key) => HELD.has(key);

/** Say why a key cannot be given to a command; null if it can. @param {string} name */
export function refusal(name) {
  if (name === "Escape") return "Esc always stops and closes.";
  if (OF_THE_BROWSER.has(name)) return `The browser keeps ${spelled(name)} for itself.`;
  return /^[1-9]$/.test(name) ? "The digits select instances." : null;
}
