/** The suspicious places of the open video, worst first, with their reasons; a press goes there. */

import { openStops, stopsSummary, stretchWords } from "../core/suspicion.js";
import { mountDialog } from "./dialog_frame.js";
import { el, follow, icon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Stop } from "../core/slices/suspicion.js" */
/** @import { Store } from "../core/store.js" */

const MOST_ROWS = 200;

/** @param {any} root the dialog @param {{store: Store, commands: Commands}} deps */
export function mountSuspicionsDialog(root, deps) {
  const { store, commands } = deps;
  const list = el("ul", { class: "export-rows trash-rows", testid: "suspicions-list" });
  const summary = el("span", { class: "num summary", testid: "suspicions-summary", attrs: { role: "status" } });
  const focusFirst = () => root.querySelector(".suspicion-row")?.focus();
  mountDialog(root, {
    ...deps,
    name: "suspicions",
    title: "Suspicious masks",
    sign: "triangle-alert",
    body: [el("div", { class: "exchange-body" }, list)],
    footer: [summary],
    submit: () => {},
    opened: focusFirst,
  });
  root.addEventListener("keydown", (event) => moveFocus(event, list));
  store.watch(
    (state) => [state.suspicion.stops, state.annotations.masks],
    ([stops]) => {
      const open = openStops(store.state);
      follow(list, open.slice(0, MOST_ROWS), { key: ({ stop }) => stop, make: (stop) => row(stop, commands), update });
      setText(summary, stopsSummary(stops && open));
      if (root.open && !list.contains(document.activeElement)) focusFirst();
    },
  );
}

/** Arrows go from row to row. */
function moveFocus(event, list) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return;
  const rows = [...list.querySelectorAll(".suspicion-row")];
  const next = rows[rows.indexOf(document.activeElement) + way];
  if (!next) return;
  next.focus();
  event.preventDefault();
}

/** @param {Stop} stop @param {Commands} commands */
function row(stop, commands) {
  const go = { class: "suspicion-row", type: "button", testid: "suspicion-row", on: { click: () => commands.goToSuspicion(stop) } };
  return el("li", {}, el("button", go, icon("triangle-alert"), el("span", { class: "export-what" }, el("b"), el("small", { class: "dim" })), el("span", { class: "num dim" })));
}

/** @param {any} node @param {Stop} stop */
function update(node, stop) {
  setText(node.querySelector("b"), `${stop.instance_id} ${stop.region}, ${stretchWords(stop)}`);
  setText(node.querySelector("small"), stop.reasons.join(", "));
  setText(node.querySelector("button > .num"), `${Math.round(100 * stop.score)} %`);
}
