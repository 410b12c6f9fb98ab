/** The form that points the page at another server. */

import { el, icon } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {any} root the dialog @param {{store: Store, commands: Commands, server: any, servers: () => string[]}} deps */
export function mountServerDialog(root, { store, commands, server, servers }) {
  const names = el("datalist", { id: "known-servers" });
  const address = field("Address", {
    name: "server",
    testid: "server-address",
    placeholder: "gpu-01:8000, or the URL it printed",
    required: true,
    attrs: { list: "known-servers", autocomplete: "off", spellcheck: "false", "aria-describedby": "server-error" },
  });
  const token = field("Token", {
    type: "password",
    name: "token",
    testid: "server-token",
    placeholder: "empty if it needs none",
    attrs: { autocomplete: "current-password" },
  });
  const remember = el("input", { type: "checkbox", checked: true, testid: "server-remember" });
  const error = el("p", { class: "form-error", id: "server-error", testid: "server-error", attrs: { role: "alert" } });
  const back = el("button", { class: "button", type: "button", testid: "server-back", text: "Back to this page's own server", on: { click: () => commands.backToOwn() } });
  const close = el("button", { class: "button", type: "button", testid: "server-close", text: "Cancel", on: { click: () => leave() } });
  const form = el(
    "form",
    {},
    el("h1", { id: "server-title" }, icon("server"), "Work with another server"),
    el("p", { text: "The videos, the model and the annotations are that server's; this page only shows them. It must have been started with" }),
    el("code", { text: `--allowed-origin ${location.origin}` }),
    address,
    names,
    token,
    el("label", { class: "check" }, remember, "Remember the token in this browser"),
    error,
    el("footer", {}, back, close, el("button", { class: "button primary", testid: "server-connect", text: "Connect" })),
  );
  root.append(form);

  const typed = (name) => form.elements.namedItem(name);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    commands.connectTo({ address: typed("server").value, token: typed("token").value, remember: remember.checked });
  });
  const stuck = () => server.remote && store.state.session.auth !== "ok";
  root.addEventListener("cancel", (event) => stuck() && event.preventDefault());
  const leave = () => store.state.view.dialog === "server" && commands.closeDialog();
  root.addEventListener("close", () => !root.open && (stuck() ? root.showModal() : leave())); // it may be open again by then
  const fill = () => {
    names.replaceChildren(...servers().map((value) => el("option", { value })));
    typed("server").value = server.remote ? server.url : typed("server").value;
    back.hidden = !server.remote;
    close.hidden = stuck();
  };
  store.watch(
    (state) => [state.view.dialog === "server", state.session.server_error],
    ([open, why]) => {
      error.hidden = !why;
      error.textContent = why ? `${why.message} ${why.hint}` : "";
      if (open && !root.open) {
        fill();
        root.showModal();
        (server.remote && why ? typed("token") : typed("server")).focus();
      }
      if (!open && root.open) root.close();
    },
  );
}

const field = (label, { testid, ...props }) => el("label", { class: "field" }, label, el("input", { testid, ...props }));
