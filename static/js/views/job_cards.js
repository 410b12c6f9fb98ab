/** The cards of jobs: pairs, direction, progress; older ones behind a button. */

import { flagWords, pairsWords } from "../core/flags.js";
import { findingWords } from "../core/findings.js";
import { percent } from "../core/format.js";
import { isActive, isReady, isStretch, jobCards, jobFacts, jobMasks, jobReach, jobTitle } from "../core/jobs.js";
import { pairName } from "../core/pairs.js";
import { isOwnRun, pairColour } from "../core/selectors.js";
import { byId, el, follow, icon, kbd, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const MOST_SWATCHES = 8;

/** @param {{store: Store, commands: Commands, keys: (name: string) => string}} deps */
export function mountJobCards({ store, commands, keys }) {
  const root = byId("jobs");
  const list = el("ul", { class: "job-list", aria: { label: "Runs" } });
  const more = el("button", { class: "more", testid: "jobs-earlier", on: { click: () => commands.showAllJobs() } });
  root.append(list, more);
  store.watch(
    (state) => [state.jobs.by_id, state.jobs.all_shown, state.annotations.instances, state.annotations.regions, state.session.presence, state.annotations.masks],
    ([jobs, all]) => {
      const { shown, earlier } = jobCards(jobs, all);
      root.hidden = !shown.length && !earlier;
      more.hidden = !earlier && !all;
      setText(more, all ? "Fewer" : `${earlier} earlier`);
      more.setAttribute("aria-expanded", String(all));
      follow(list, shown, {
        key: (job) => job.job_id,
        make: (job) => card(job, commands, keys),
        update: (node, job) => update(node, job, store.state),
      });
    },
  );
}

function card({ job_id, kind }, commands, keys) {
  const cancel = {
    class: "button small",
    testid: "job-cancel",
    title: "Stop and discard it", // of a run: showWhose
    attrs: kind === "propagate" ? { "data-key": "cancelRun" } : {},
    on: { click: () => commands.cancelJob(job_id) },
  };
  const dismiss = { class: "ghost", testid: "job-dismiss", title: "Dismiss", aria: { label: "Dismiss" } };
  return el(
    "li",
    { class: "job", testid: "job-card" },
    el("header", {}, el("b", { class: "job-title" }), el("span", { class: "num job-facts" })),
    el("span", { class: "bar thick" }, el("i")),
    el("p", { class: "job-pairs" }, el("span", { class: "job-swatches" }), el("span", { class: "num job-reach" })),
    el("small", { class: "num job-masks", testid: "job-masks" }),
    el("button", { class: "more job-findings", testid: "job-findings", title: `Go to the next of them (${keys("nextSuspect")})`, on: { click: () => commands.stepSuspect(1) } }, el("span", { class: "num" }), kbd(keys("nextSuspect"))),
    el("small", { class: "job-error" }),
    el("footer", { class: "job-active" }, el("button", cancel, "Cancel", kind === "propagate" && kbd(keys("cancelRun")))),
    el("footer", { class: "job-ready" }, el("button", { class: "button small primary", testid: "job-download", on: { click: () => commands.downloadExport(job_id) } }, icon("download"), "Download", kbd(keys("closePolygon")))),
    el("footer", { class: "job-stretch" }, el("button", { class: "button small", testid: "job-full", title: `Track every frame anew (${keys("propagateFull")})`, attrs: { "data-key": "propagateFull" }, on: { click: () => commands.propagateFull() } }, "Run in full", kbd(keys("propagateFull")))),
    el("footer", { class: "job-paused" }, ...pauseButtons(job_id, commands)),
    el("button", { ...dismiss, on: { click: () => commands.dismissJob(job_id) } }, icon("x")),
  );
}

function pauseButtons(job_id, commands) {
  const show = { class: "button small", testid: "job-show", on: { click: () => commands.showPause(job_id) } };
  const title = "Continue after this frame without a correction; after a correction, use Propagate";
  const resume = { class: "button small", testid: "job-resume", title, on: { click: () => commands.resumeJob(job_id) } };
  return [el("button", show, el("span")), el("button", resume, el("span"))];
}

function update(node, job, state) {
  const { done, total, error, paused } = job;
  node.dataset.state = job.state;
  node.dataset.done = done;
  node.dataset.total = total;
  setText(node.querySelector(".job-title"), jobTitle(job));
  setText(node.querySelector(".job-facts"), jobFacts(job));
  node.querySelector(".bar i").style.width = `${job.state === "done" ? 100 : percent(done, total)}%`;
  showPairs(node.querySelector(".job-pairs"), job, state);
  showMasks(node.querySelector(".job-masks"), job);
  showFindings(node.querySelector(".job-findings"), job, state);
  const why = node.querySelector(".job-error");
  const words = error ? [error.message, error.hint] : paused ? [`${pairsWords(paused.pairs, state.annotations.instances)}: ${flagWords(paused.flag)}`] : [];
  why.hidden = !words.length;
  setText(why, words.filter(Boolean).join(" "));
  node.querySelector(".job-active").hidden = !isActive(job);
  if (isActive(job) && job.kind === "propagate") showWhose(node.querySelector("[data-testid=job-cancel]"), isOwnRun(state, job));
  node.querySelector(".job-ready").hidden = !isReady(job);
  node.querySelector(".job-stretch").hidden = !(job.state === "done" && isStretch(job));
  showGoOn(node, job);
  node.querySelector("[data-testid=job-dismiss]").hidden = isActive(job);
}

/** Name Escape only for one's own runs. */
function showWhose(button, own) {
  const key = button.querySelector("kbd");
  key.hidden = !own;
  const title = own ? `Stop and keep the finished frames (${key.textContent})` : "Another person started this run; stop it and keep the finished frames";
  if (button.title !== title) button.title = title;
}

/** A paused run says where; a stopped one can go on at its first missing frame. */
function showGoOn(node, { state, paused, kind, done, total }) {
  const stopped = kind === "propagate" && done < total && (state === "cancelled" || state === "failed");
  node.querySelector(".job-paused").hidden = !stopped;
  const show = node.querySelector("[data-testid=job-show]");
  show.hidden = !paused;
  if (paused) setText(show.firstElementChild, `Show frame ${paused.frame_idx}`);
  setText(node.querySelector("[data-testid=job-resume] span"), paused ? "Go on" : "Resume");
}

function showMasks(node, job) {
  const words = jobMasks(job);
  node.hidden = !words;
  setText(node, words);
}

/** Count what is suspicious in a finished run. */
function showFindings(node, job, { annotations }) {
  const words = findingWords(job, annotations.masks);
  node.hidden = !words;
  setText(node.firstElementChild, words);
  if (words) setText(node.parentElement.querySelector(".job-facts"), "");
}

/** Show the pairs by their colours, and the frames. */
function showPairs(root, { pairs, kind, ...job }, state) {
  const named = Array.isArray(pairs) ? pairs : [];
  root.hidden = kind !== "propagate" || (!named.length && !jobReach(job));
  const names = named.map(({ instance_id, region }) => pairName(instance_id, region));
  const colours = names.slice(0, MOST_SWATCHES).map((name) => pairColour(state, name));
  const shown = colours.join() + names.length;
  root.title = names.map((name) => name.replace("/", " ")).join(", ");
  setText(root.querySelector(".job-reach"), jobReach(job));
  const swatches = root.firstElementChild;
  if (swatches.dataset.shown === shown) return;
  swatches.dataset.shown = shown;
  swatches.replaceChildren(...colours.map(swatch), names.length === 1 ? names[0].replace("/", " ") : `${names.length} pairs`);
}

function swatch(colour) {
  const node = el("i", { class: "swatch-dot" });
  node.style.setProperty("--pair", colour);
  return node;
}
