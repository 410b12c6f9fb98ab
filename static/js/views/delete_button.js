/** A button that asks once before it deletes for good. */

import { el, icon } from "./dom.js";

const SURE_MS = 4000; // to press a second time

/** @param {{label: string, testid: string, words: string, remove: () => void, text?: string}} options  words: the question; text: beside the icon */
export function deleteButton({ label, testid, words, remove, text = "" }) {
  const shown = el("span", { text, hidden: !text });
  const button = el("button", { class: text ? "button delete" : "ghost delete", type: "button", testid, title: label, aria: { label } }, icon("trash-2"), shown);
  let sure = false;
  const ask = (on) => {
    sure = on;
    shown.textContent = on ? words : text;
    shown.hidden = !shown.textContent;
    button.classList.toggle("sure", on);
    button.setAttribute("aria-label", on ? `${label}: press again` : label);
  };
  button.addEventListener("blur", () => ask(false));
  button.addEventListener("click", () => {
    if (sure) return ask(false), remove();
    ask(true);
    setTimeout(() => ask(false), SURE_MS);
  });
  return button;
}
