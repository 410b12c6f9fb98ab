/** The rules between regions: the whole, its parts, and which rules hold; for every video. */

import { brokenSummary } from "../core/region_rules.js";
import { line, mountDialog } from "./dialog_frame.js";
import { el, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const RULES = [
  { name: "inside", label: "Parts lie inside of the whole" },
  { name: "exclusive", label: "No pixel is in two parts" },
  { name: "union", label: "The whole is all of its parts together" },
];

/** @param {any} root the dialog @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps */
export function mountRulesDialog(root, deps) {
  const { store, commands, keys } = deps;
  const whole = el("select", { testid: "rules-whole", on: { change: () => offerParts() } });
  const parts = el("span", { class: "choices", testid: "rules-parts", attrs: { role: "group" }, aria: { label: "Parts" } });
  const checks = el("span", { class: "choices" }, ...RULES.map(({ name, label }) => check(`rules-${name}`, name, label)));
  const summary = el("span", { class: "num summary", testid: "rules-summary", attrs: { role: "status" } });
  const error = el("p", { class: "form-error", testid: "rules-error", attrs: { role: "alert" } });
  const none = el("button", { class: "button", type: "button", testid: "rules-none", title: "No rule holds any more; masks stay as they are", on: { click: () => commands.changeRules(null) } }, "No rules");
  const save = el("button", { class: "button primary", testid: "rules-save", title: "They hold at once, for every video; masks change only when you mend them" }, "Use these rules");
  const note = el("p", { class: "menu-note", text: `${keys("nextBroken")} goes to the next frame that breaks a rule, ${keys("mendHere")} mends it.` });

  /** Offer every region but the whole as a part. @param {string[]} [chosen] else as they are checked */
  function offerParts(chosen = checkedNames(parts)) {
    const others = store.state.annotations.regions.filter(({ name }) => name !== whole.value);
    parts.replaceChildren(...others.map(({ name, label }) => check("rules-part", name, label, chosen.includes(name))));
  }

  function opened() {
    const { rules } = store.state.region_rules;
    const { regions } = store.state.annotations;
    whole.replaceChildren(...regions.map(({ name, label }) => el("option", { value: name, text: label })));
    whole.value = rules?.whole ?? regions[0].name;
    offerParts(rules?.parts ?? regions.map(({ name }) => name));
    for (const { name } of RULES) checks.querySelector(`[value=${name}]`).checked = rules?.[name] ?? name === "inside";
    whole.focus();
  }

  const chosen = () => Object.fromEntries(RULES.map(({ name }) => [name, checkedNames(checks).includes(name)]));
  mountDialog(root, {
    ...deps,
    name: "rules",
    title: "Rules between regions",
    sign: "layers",
    body: [el("div", { class: "exchange-body" }, line("Whole", "rules-whole-line", whole), line("Parts", "rules-parts-line", parts), line("Rules", "rules-line", checks), note)],
    footer: [summary, error, none, save],
    submit: () => commands.changeRules(/** @type {any} */ ({ whole: whole.value, parts: checkedNames(parts), ...chosen() })),
    opened,
  });
  store.watch((state) => state.region_rules, (slice) => {
    none.disabled = slice.rules === null;
    error.hidden = !slice.error;
    setText(error, slice.error ? [slice.error.message, slice.error.hint].filter(Boolean).join(" ") : "");
    setText(summary, brokenSummary(slice));
  });
}

/** @param {string} testid @param {string} value @param {string} label @param {boolean} [checked] */
const check = (testid, value, label, checked = false) =>
  el("label", { class: "check" }, el("input", { type: "checkbox", testid, value, checked }), label);

/** @param {any} root @returns {string[]} */
const checkedNames = (root) => [...root.querySelectorAll("input:checked")].map(({ value }) => value);
