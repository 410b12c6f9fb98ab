/** The exports of the open video: running ones with their progress, finished ones to download. */

import { exportRows } from "../core/exports.js";
import { byteSize, percent } from "../core/format.js";
import { jobFacts } from "../core/jobs.js";
import { rangeWords } from "../core/range.js";
import { el, follow, icon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands}} deps @returns {HTMLElement} */
export function exportList({ store, commands }) {
  const making = el("ul", { class: "export-rows" });
  const whole = el("ul", { class: "export-rows", testid: "export-list" });
  const root = el("section", { class: "exchange-list", aria: { label: "Exports of this video" } }, el("h2", { text: "Exports of this video" }), making, whole);
  store.watch(
    (state) => [state.jobs.by_id, state.exchange.exports],
    ([jobs, exports]) => {
      const rows = exportRows(jobs, exports);
      root.hidden = !rows.making.length && !rows.whole.length;
      follow(making, rows.making, { key: (job) => job.job_id, make: (job) => jobRow(job, commands), update: updateJob });
      follow(whole, rows.whole, { key: (record) => record.export_id, make: (record) => exportRow(record, commands), update: () => {} });
    },
  );
  return root;
}

function jobRow({ job_id, label }, commands) {
  const cancel = { class: "button small", type: "button", testid: "export-cancel", on: { click: () => commands.cancelJob(job_id) } };
  return el(
    "li",
    { class: "export-row", testid: "export-making" },
    el("span", { class: "export-what" }, el("b", { text: label ?? "Export" }), el("small", { class: "num dim" }), el("span", { class: "bar" }, el("i"))),
    el("button", cancel, "Cancel"),
  );
}

function updateJob(node, job) {
  node.dataset.state = job.state;
  setText(node.querySelector("small"), jobFacts(job));
  node.querySelector(".bar i").style.width = `${percent(job.done, job.total)}%`;
}

function exportRow(record, commands) {
  const when = new Date(record.created_at);
  const facts = [when.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }), byteSize(record.bytes), reachWords(record)];
  const remarks = Object.entries(record.remarks ?? {}).map(([text, count]) => `${text} (${count})`);
  return el(
    "li",
    { class: "export-row", testid: "export-item", attrs: { "data-format": record.format } },
    el(
      "span",
      { class: "export-what" },
      el("b", { text: record.label }),
      el("small", { class: "num dim", text: facts.join(" · ") }),
      remarks.length > 0 && el("small", { class: "export-remarks", text: remarks.join("; ") }),
    ),
    el("button", { class: "button small", type: "button", testid: "export-download", on: { click: () => commands.downloadExport(record.export_id) } }, icon("download"), "Download"),
    el("button", { class: "ghost", type: "button", testid: "export-delete", title: "Delete; can be undone", aria: { label: `Delete the export ${record.label}` }, on: { click: () => commands.removeExport(record.export_id) } }, icon("trash-2")),
  );
}

function reachWords({ selection, frames }) {
  const pairs = selection.pairs.length === 1 ? selection.pairs[0].join(" ") : `${selection.pairs.length} pairs`;
  return `${pairs}, frames ${rangeWords(frames)}${selection.approved_only ? ", approved" : ""}`;
}
