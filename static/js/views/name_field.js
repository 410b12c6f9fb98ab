/** The field for one's own name: in the menu of people, and once beside the work when somebody else comes. */

import { othersOf, personWords } from "../core/people.js";
import { byId, el, icon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const LONGEST = 60;

/** A field that shows the name and takes a new one with Enter. @param {{store: Store, commands: Commands, testid: string}} deps */
export function nameField({ store, commands, testid }) {
  const field = el("input", { testid, maxLength: LONGEST, placeholder: "Your name", aria: { label: "Your name, for others" }, title: "Shown to others on the same server; kept in this browser", attrs: { autocomplete: "nickname", spellcheck: "false" } });
  const form = el("form", { class: "name-form" }, field, el("button", { class: "button small", testid: `${testid}-give` }, "Set"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    commands.nameMe(field.value);
    field.blur();
  });
  store.watch((state) => state.view.my_name, (name) => (field.value = name));
  return form;
}

/** Asks for the name once, as soon as somebody else is there. @param {{store: Store, commands: Commands}} deps */
export function mountNameAsked({ store, commands }) {
  const root = byId("ask-name");
  const text = el("span", { attrs: { role: "status" } });
  const close = { class: "ghost", title: "Stay without a name", aria: { label: "Stay without a name" }, testid: "name-later", on: { click: () => commands.leaveNameless() } };
  root.append(text, el("button", close, icon("x")), nameField({ store, commands, testid: "name-asked" }));
  store.watch(
    ({ view, session }) => [!view.my_name && !view.name_asked, othersOf(session)[0]],
    ([unasked, other]) => {
      root.hidden = !unasked || !other;
      if (other) setText(text, `${personWords(other)}. What may they call you?`);
    },
  );
}
