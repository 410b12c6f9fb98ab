/** The frame of a dialog: a heading, a body that scrolls, and buttons at its foot. */

import { el, icon } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/**
 * Escape, a press beside it and the cross close it; the browser gives the focus back.
 * @param {any} root the dialog
 * @param {{store: Store, commands: Commands, name: string, title: string, sign: string, body: any[], footer: any[],
 *   submit: () => void, opened: () => void}} options  name: what `state.view.dialog` calls it; sign: an icon
 */
export function mountDialog(root, { store, commands, name, title, sign, body, footer, submit, opened }) {
  const leave = () => store.state.view.dialog === name && commands.closeDialog();
  const close = el("button", { class: "ghost", type: "button", testid: `${name}-close`, title: "Close (Esc)", aria: { label: "Close" }, on: { click: leave } }, icon("x"));
  const form = el(
    "form",
    { class: "exchange", noValidate: true },
    el("header", {}, el("h1", { id: `${name}-title` }, icon(sign), title), close),
    ...body,
    el("footer", {}, ...footer),
  );
  root.append(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("keydown", (event) => enterGoesOn(event, form));
  // "close" comes with the next drawn frame: by then another dialog may be open, or this one again
  root.addEventListener("cancel", ({ target }) => target === root && leave());
  root.addEventListener("close", ({ target }) => target === root && !root.open && leave());
  root.addEventListener("pointerdown", ({ target }) => target === root && leave());
  store.watch(
    (state) => state.view.dialog === name,
    (open) => {
      if (open && !root.open) {
        root.showModal();
        opened();
      }
      if (!open && root.open) root.close();
    },
  );
}

/** Enter goes on from a list of choices, too; browsers do that for fields alone. */
function enterGoesOn(event, form) {
  if (event.key !== "Enter" || !event.target.matches("select")) return;
  event.preventDefault();
  form.requestSubmit();
}

/** Choices of which one holds. @param {{label: string, testid: string, choices: {name: string, label: string, title?: string}[], choose: (name: string) => void}} options */
export function radioRow({ label, testid, choices, choose }) {
  const names = `${testid}-choice`;
  return el(
    "span",
    { class: "choices", attrs: { role: "radiogroup" }, aria: { label } },
    ...choices.map((choice) =>
      el(
        "label",
        { class: "choice", title: choice.title ?? "" },
        el("input", { type: "radio", name: names, value: choice.name, testid: `${testid}-${choice.name}`, on: { change: () => choose(choice.name) } }),
        el("span", { text: choice.label }),
      ),
    ),
  );
}

/** Show which choice holds, and which cannot be made. @param {any} row of `radioRow` @param {string} chosen @param {string[]} [disabled] */
export function showChoice(row, chosen, disabled = []) {
  for (const input of row.querySelectorAll("input")) {
    input.checked = input.value === chosen;
    input.disabled = disabled.includes(input.value);
  }
}

/** Make a line of a form: label, control, and the reason against its value. @param {string} label @param {string} testid @param {...any} controls */
export function line(label, testid, ...controls) {
  const error = el("small", { class: "form-error", testid: `${testid}-error`, hidden: true, attrs: { role: "alert" } });
  return el("div", { class: "line" }, el("span", { class: "line-label", text: label }), el("div", { class: "line-controls" }, ...controls, error));
}

/** @param {any} node of `line`, or anything with a form-error in it @param {{message: string, hint: string} | null} error */
export function showError(node, error) {
  const place = node.querySelector(".form-error");
  place.hidden = !error;
  place.textContent = error ? [error.message, error.hint].filter(Boolean).join(" ") : "";
}
