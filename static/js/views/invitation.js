/** The card that offers a model for real footage; it asks once, and never stands in the way. */

import { offeredModels } from "../core/invitation.js";
import { el, follow, icon } from "./dom.js";
import { makeModelRow, updateModelRow } from "./model_row.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const WORDS = "It learned from drawn clips only. For real footage take one of Meta's; your clicks stay.";
const TITLE = "What it is: a small network that comes with the program, for trying it";
const LATER = "Do not show this again in this browser; the models stay behind the model's name in the bar at the top";

/** @param {HTMLElement} root @param {{store: Store, commands: Commands}} deps */
export function mountInvitation(root, { store, commands }) {
  const list = el("div", { class: "models", attrs: { role: "group" }, aria: { label: "Models for real footage" } });
  const dismiss = () => commands.dismissInvitation();
  const close = el("button", { class: "ghost", testid: "invitation-close", title: LATER, aria: { label: "Close" }, on: { click: dismiss } }, icon("x"));
  root.append(el("header", {}, icon("info"), el("h3", { text: "Demo model in use", title: TITLE }), close), el("p", { text: WORDS }), list);
  store.watch(
    (state) => [state.session.model, state.session.models, state.jobs.by_id, state.video.open, state.view.demo_known],
    () => {
      const rows = offeredModels(store.state);
      root.hidden = !rows.length;
      follow(list, rows, { key: (row) => row.name, make: (row) => makeModelRow(row, commands), update: (node, row) => updateModelRow(node, { ...row, note: row.brief || row.note }) });
    },
  );
}
