/** A name that becomes a text field in place. */

import { el } from "./dom.js";

/**
 * Put a text field where the element is until Enter, Escape or the end of focus.
 * @param {any} element shows the name now
 * @param {{value: string, label: string, testid: string, commit: (name: string) => void}} options
 */
export function renameInPlace(element, { value, label, testid, commit }) {
  const field = el("input", { class: "inline-name", value, testid, aria: { label }, maxLength: 200 });
  let over = false;
  const end = (save) => {
    if (over) return;
    over = true;
    field.replaceWith(element);
    const name = field.value.trim();
    if (save && name && name !== value) commit(name);
  };
  field.addEventListener("blur", () => end(true));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
    event.stopPropagation();
  });
  element.replaceWith(field);
  field.focus();
  field.select();
}
