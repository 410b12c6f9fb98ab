/** The token form: shown when the server wants one. */

import { el, icon } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {any} root the dialog @param {{store: Store, commands: Commands}} deps */
export function mountLogin(root, { store, commands }) {
  const field = el("input", {
    type: "password",
    name: "token",
    testid: "login-token",
    required: true,
    autocomplete: "current-password",
    aria: { label: "Token", describedby: "login-error" },
  });
  // There is one user: password managers file the token under the server's name.
  const user = el("input", { name: "username", autocomplete: "username", value: location.host, hidden: true });
  const error = el("p", { class: "form-error", id: "login-error", testid: "login-error", attrs: { role: "alert" } });
  const form = el(
    "form",
    {},
    el("h1", { id: "login-title" }, icon("key-round"), "This server needs its token"),
    el("p", { text: "Open the URL the server printed at start, or paste the token from it here." }),
    user,
    field,
    error,
    el("button", { class: "button primary", testid: "login-submit", text: "Open" }),
  );
  root.append(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    commands.signIn(field.value.trim());
  });
  root.addEventListener("cancel", (event) => event.preventDefault());
  root.addEventListener("close", () => store.state.session.auth === "needed" && root.showModal()); // a second Escape
  store.watch(
    (state) => [state.session.auth, state.session.auth_error],
    ([auth, why]) => {
      error.textContent = why ? `${why.message} ${why.hint}` : "";
      error.hidden = !why;
      if (auth === "needed" && !root.open) root.showModal();
      if (auth !== "needed" && root.open) root.close();
      if (why) field.select();
    },
  );
}
