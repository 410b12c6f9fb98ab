/** The runs of the open video, newest first: who made them, what they changed; taken back or compared. */

import { isSet, rangeWords } from "../core/range.js";
import { historySummary, runChanges, runFacts, runTitle } from "../core/run_history.js";
import { currentPair } from "../core/selectors.js";
import { mountDialog } from "./dialog_frame.js";
import { el, follow, icon, setText } from "./dom.js";
import { rebuildRows } from "./rebuild_rows.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Run } from "../core/slices/run_history.js" */
/** @import { Store } from "../core/store.js" */

/** @param {any} root the dialog @param {{store: Store, commands: Commands}} deps */
export function mountRunsDialog(root, deps) {
  const { store, commands } = deps;
  const list = el("ul", { class: "export-rows trash-rows", testid: "runs-list" });
  const summary = el("span", { class: "num summary", testid: "runs-summary", attrs: { role: "status" } });
  const error = el("p", { class: "form-error", testid: "runs-error", attrs: { role: "alert" } });
  mountDialog(root, {
    ...deps,
    name: "runs",
    title: "Runs of this video",
    sign: "rotate-ccw",
    body: [el("div", { class: "exchange-body" }, ...rebuildRows(deps), list)],
    footer: [summary, error],
    submit: () => {},
    opened: () => {
      commands.readModel(); // lists the models that can rebuild
      list.querySelector("button:not(:disabled)")?.focus();
    },
  });
  store.watch(
    (state) => [state.run_history.list, state.run_history.bytes, state.run_history.error, state.playback.range, currentPair(state)],
    ([runs, bytes, why, range, pair]) => {
      const part = partWords(pair, range);
      const update = (node, run) => updateRow(node, run, part);
      follow(list, runs ?? [], { key: ({ run }) => String(run), make: (run) => row(run, commands), update });
      setText(summary, historySummary(runs, bytes));
      error.hidden = !why;
      setText(error, why ? [why.message, why.hint].filter(Boolean).join(" ") : "");
    },
  );
}

const dateText = (seconds) => new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** "1 shaft, 10 – 40": what a partial roll-back is about. */
const partWords = (pair, range) => (pair ? `${pair.replace("/", " ")}${isSet(range) ? `, ${rangeWords(range)}` : ""}` : "");

/** @param {Run} run @param {Commands} commands */
function row({ run }, commands) {
  const all = { class: "button small", type: "button", testid: "run-back", title: "Each mask becomes what it was before this run; can be undone", on: { click: () => commands.rollBackListed(run) } };
  const part = { class: "button small", type: "button", testid: "run-back-here", title: "The same for the selected pair alone, in the marked range", on: { click: () => commands.rollBackHere(run) } };
  const compare = { class: "button small", type: "button", testid: "run-compare", title: "Show what it added and removed", on: { click: () => commands.compareRun(run) } };
  return el(
    "li",
    { class: "export-row run-row", testid: "run-row" },
    el("span", { class: "export-what" }, el("b"), el("small", { class: "num dim" }), el("small", { class: "num dim" })),
    el("button", compare, icon("contrast"), "Compare"),
    el("button", part, icon("undo-2"), el("span")),
    el("button", all, icon("undo-2"), "Take back"),
  );
}

/** @param {any} node @param {Run} run @param {string} part */
function updateRow(node, run, part) {
  const [facts, changes] = node.querySelectorAll("small");
  const [compare, here, all] = node.querySelectorAll("button");
  setText(node.querySelector("b"), runTitle(run));
  setText(facts, runFacts(run, dateText));
  setText(changes, runChanges(run));
  setText(here.querySelector("span"), `Only ${part}`);
  here.hidden = !part;
  here.disabled = all.disabled = run.restorable === 0;
  compare.disabled = run.replaced <= run.dropped;
  all.setAttribute("aria-label", `Take run ${run.run} back`);
  compare.setAttribute("aria-label", `Compare run ${run.run} with the masks before it`);
}
