/** The dialogs of the review page: the reason of a rejection, and the keys. */

import { REVIEW_KEYS, REVIEW_MOUSE } from "../../core/review/keys.js";
import { cellsMeant } from "../../core/review/state.js";
import { counted } from "../../core/format.js";
import { REASONS } from "../../core/review/words.js";
import { el, icon, setText } from "../dom.js";

/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */

/** Open a dialog while the state names it. @param {any} root @param {string} name @param {{store: Store<ReviewState>, commands: any, opened?: () => void}} deps */
function followState(root, name, { store, commands, opened = () => {} }) {
  root.addEventListener("close", () => store.state.dialog === name && commands.showDialog(null));
  root.addEventListener("click", (event) => event.target === root && root.close());
  store.watch(({ dialog }) => dialog === name, (is_open) => {
    if (is_open && !root.open) {
      root.showModal();
      opened();
    }
    if (!is_open && root.open) root.close();
  });
}

const closeButton = (root) => el("button", { class: "ghost", title: "Close (Esc)", aria: { label: "Close" }, on: { click: () => root.close() } }, icon("x"));

/** Asks why masks are rejected: a digit, or a text. @param {any} root @param {{store: Store<ReviewState>, commands: any}} deps */
export function mountReason(root, { store, commands }) {
  const title = el("h1", { id: "reason-title" });
  const text = el("input", { type: "text", maxLength: 200, testid: "reason-text", placeholder: "Another reason", aria: { label: "Another reason" }, autocomplete: "off" });
  const reject = (reason) => {
    root.close();
    commands.reject(reason);
  };
  const choices = REASONS.map((reason, at) =>
    el("button", { class: "button reason", type: "button", testid: "reason", title: `${reason} (${at + 1})`, on: { click: () => reject(reason) } }, el("kbd", { text: String(at + 1), aria: { hidden: "true" } }), reason),
  );
  const form = el("form", { on: { submit: (event) => { event.preventDefault(); reject(text.value); } } }, text, el("button", { class: "button primary", testid: "reason-submit", title: "Reject, with this reason or with none (Enter)" }, "Reject"));
  root.append(el("header", {}, title, el("span", { class: "grow" }), closeButton(root)), el("div", { class: "reasons" }, ...choices), form);
  root.addEventListener("keydown", (event) => {
    const reason = REASONS[Number(event.key) - 1];
    if (!reason || event.target === text || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    reject(reason);
  });
  const opened = () => {
    text.value = "";
    setText(title, `Reject ${counted(cellsMeant(store.state).length, "cell")}: why?`);
    choices[0].focus();
  };
  followState(root, "reason", { store, commands, opened });
}

/** The list of keys. @param {any} root @param {{store: Store<ReviewState>, commands: any}} deps */
export function mountReviewHelp(root, { store, commands }) {
  const line = ({ show, help }) => el("div", { class: "help-row" }, el("span", { class: "help-keys" }, ...show.map((key) => el("kbd", { text: key }))), el("span", { text: help }));
  root.append(
    el("header", {}, el("h1", { id: "help-title", text: "Keys of the review" }), el("span", { class: "grow" }), closeButton(root)),
    el("div", { class: "review-help" }, ...[...REVIEW_KEYS, ...REVIEW_MOUSE].map(line)),
  );
  followState(root, "help", { store, commands });
}
