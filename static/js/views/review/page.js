/** Mounts every part of the review page. */

import { reviewKeyOf } from "../../core/review/keys.js";
import { byId, el, icon, setText } from "../dom.js";
import { mountReason, mountReviewHelp } from "./dialogs.js";
import { mountActions, mountFilters, mountNumbers } from "./filters.js";

/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */

/** @param {{store: Store<ReviewState>, commands: any, workPage: string}} deps  workPage: its address */
export function mountReviewPage({ store, commands, workPage }) {
  mountNumbers(byId("numbers"), store);
  mountFilters(byId("filters"), { store, commands });
  mountActions(byId("actions"), { commands, keyOf: reviewKeyOf });
  mountReason(byId("reason"), { store, commands });
  mountReviewHelp(byId("help"), { store, commands });
  mountReadOnly(byId("read-only"), store);
  mountNote(byId("note"), store);
  mountEmpty(byId("empty"), { store, workPage });
  byId("work").href = workPage;
  byId("help-button").append(icon("circle-question-mark"));
  byId("help-button").addEventListener("click", () => commands.showHelp());
  store.watch(({ name, batch_id, loading }) => [name, batch_id, loading], ([name, batch_id, loading]) => {
    setText(byId("review-name"), name);
    document.title = name ? `Review: ${name}` : "Review";
    byId("review-kind").textContent = batch_id === null ? "Review of a video" : "Review of a batch";
    byId("loading").hidden = !loading;
  });
}

function mountReadOnly(chip, store) {
  chip.append(icon("eye"), "Read only");
  chip.title = "You look here. To approve and reject, open the page with the URL that lets you.";
  store.watch(({ only_looks }) => only_looks, (only_looks) => {
    chip.hidden = !only_looks;
  });
}

function mountNote(root, store) {
  store.watch(({ note }) => note, (note) => {
    root.dataset.level = note?.level ?? "";
    root.replaceChildren(...(note ? [el("span", { text: note.message }), note.hint && el("span", { class: "dim", text: note.hint })].filter(Boolean) : []));
  });
}

function mountEmpty(root, { store, workPage }) {
  store.watch(({ shown, cells, loading, error }) => [shown, cells, loading, error], ([shown, cells, loading, error]) => {
    root.hidden = shown.length > 0 && !error;
    const words = error ?? (loading ? { message: "Reading the cells …", hint: "" } : emptyWords(cells));
    root.replaceChildren(el("p", { text: words.message }), words.hint ? el("p", { class: "dim", text: words.hint }) : "");
    if (error?.status === 401) root.append(el("p", {}, el("a", { href: workPage, text: "Sign in on the work page" })));
  });
}

const emptyWords = (cells) =>
  cells.size
    ? { message: "No cell matches the filters.", hint: "Choose other filters above." }
    : { message: "There is nothing to review yet.", hint: "Click on an object on the work page first." };
