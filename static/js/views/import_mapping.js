/** The table that maps each label of the file to an instance and a region. */

import { slotChoices, slotOf, subjectWords, wishOf } from "../core/imports.js";
import { el, follow, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const AS = [
  { value: "point", label: "points" },
  { value: "keypoint", label: "keypoints" },
];

/** @param {{store: Store, commands: Commands}} deps @returns {HTMLElement} */
export function importMapping({ store, commands }) {
  const rows = el("tbody");
  const heads = ["In the file", "Points are", "Instance", "Region"].map((text) => el("th", { text, attrs: { scope: "col" } }));
  const root = el("section", { class: "mapping", aria: { label: "Labels" } }, el("h2", { text: "Labels" }), el("div", { class: "mapping-rows" }, el("table", { testid: "import-mapping" }, el("thead", {}, el("tr", {}, ...heads)), rows)));
  store.watch(
    (state) => [state.exchange.importing?.report, state.exchange.importing?.choices, state.annotations.instances, state.annotations.regions],
    ([report, choices]) => {
      root.hidden = !report?.subjects.length;
      if (!report) return;
      root.classList.toggle("with-points", report.subjects.some((subject) => hasPoints(subject, report)));
      follow(rows, report.subjects, {
        key: (subject) => subject.name,
        make: () => row(store, commands),
        update: (node, subject) => update(node, subject, store.state, report, choices),
      });
    },
  );
  return root;
}

function row(store, commands) {
  const instance = el("select", { testid: "map-instance" });
  const region = el("select", { testid: "map-region" });
  const as = el("select", { testid: "map-as", aria: { label: "Kind of its points" } }, ...AS.map(({ value, label }) => el("option", { value, text: label })));
  const node = el("tr", { testid: "map-row" }, el("td", {}, el("b"), el("small", { class: "num dim" })), el("td", {}, as), el("td", {}, instance), el("td", {}, region));
  const changed = () => commands.mapSubject(node.dataset.key, wishOf(instance.value, region.value));
  instance.addEventListener("change", changed);
  region.addEventListener("change", changed);
  as.addEventListener("change", () => {
    const { keypoint_labels } = store.state.exchange.importing.choices;
    const others = keypoint_labels.filter((label) => label !== node.dataset.label);
    commands.chooseForImport({ keypoint_labels: as.value === "keypoint" ? [...others, node.dataset.label] : others });
  });
  return node;
}

/** Tell if the user must say what the points are; other formats say it themselves. */
const hasPoints = ({ kinds }, { format }) => format === "label_studio" && Boolean(kinds.point || kinds.keypoint);

function update(node, subject, { annotations: { instances, regions } }, report, choices) {
  const [file] = node.children;
  node.dataset.label = subject.label;
  node.classList.toggle("left-out", subject.target === null);
  setText(file.querySelector("b"), subject.name);
  file.querySelector("b").title = subject.label;
  setText(file.querySelector("small"), subjectWords(subject));
  const [instance, region, as] = ["map-instance", "map-region", "map-as"].map((testid) => node.querySelector(`[data-testid=${testid}]`));
  instance.setAttribute("aria-label", `Instance of ${subject.name}`);
  region.setAttribute("aria-label", `Region of ${subject.name}`);
  fill(instance, slotChoices(instances, subject), slotOf(subject.target));
  fill(region, regions.map(({ name, label }) => ({ value: name, label: label ?? name })), subject.target?.region ?? region.value);
  region.disabled = subject.target === null;
  as.hidden = !hasPoints(subject, report);
  as.value = choices.keypoint_labels.includes(subject.label) ? "keypoint" : "point";
}

function fill(select, choices, chosen) {
  const now = JSON.stringify(choices);
  if (select.dataset.shown !== now) {
    select.replaceChildren(...choices.map(({ value, label }) => el("option", { value, text: label })));
    select.dataset.shown = now;
  }
  select.value = chosen;
}
