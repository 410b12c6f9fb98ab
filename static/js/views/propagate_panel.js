/** The run's card: what to run, which way, and how far it is. */

import { flagWords, pairsWords } from "../core/flags.js";
import { byteSize, grouped, ordinal, percent, timeLeft } from "../core/format.js";
import { activeJob, jobsShown } from "../core/selectors.js";
import { byId, el, follow, icon, kbd, setText } from "./dom.js";

const DIRECTIONS = [
  { name: "backward", label: "back", icon: "arrow-left", key: "Shift+F" },
  { name: "both", label: "both", icon: "move-horizontal", key: "" },
  { name: "forward", label: "forward", icon: "arrow-right", key: "F" },
];
const SCOPES = [
  { name: "current", label: "this pair" },
  { name: "all", label: "all pairs" },
];
const ON_GUARD = [
  { name: "go_on", label: "go on", title: "Where something looks wrong: flag it and go on" },
  { name: "pause", label: "pause", title: "Where something looks wrong: flag it and pause there" },
];
const LEAST_DONE = 3; // frames; before that a rate is a guess
const ENDED = { done: "Done", failed: "Failed", cancelled: "Stopped" };

/** @param {HTMLElement} root @param {{store: any, commands: any, keys: (command: string) => string}} deps */
export function mountPropagatePanel(root, { store, commands, keys }) {
  const directions = segment("Direction", "direction", DIRECTIONS, commands.chooseDirection);
  const scopes = segment("Pairs", "scope", SCOPES, commands.chooseScope);
  const button = el(
    "button",
    {
      class: "button primary wide-button",
      testid: "propagate",
      title: `Carry the prompts through the video (${keys("propagate")})`,
      on: { click: () => commands.propagate() },
    },
    "Propagate",
    kbd(keys("propagate")),
  );
  const guards = segment("When something looks wrong", "on-guard", ON_GUARD, commands.chooseOnGuard);
  const row = el("div", { class: "guard-row" }, el("span", { class: "dim", text: "if in doubt" }), guards);
  root.append(el("h2", { text: "Propagate" }), scopes, directions, row, el("div", { class: "row" }, button));
  store.watch((state) => state.video !== null, (open) => (root.hidden = !open));
  store.watch((state) => state.view.direction, (name) => choose(directions, name));
  store.watch((state) => state.view.scope, (name) => choose(scopes, name));
  store.watch((state) => state.view.on_guard, (name) => choose(guards, name));
  store.watch(activeJob, (job) => (button.disabled = job !== null));
  mountJobs(store, commands, keys);
}

function segment(label, testid, choices, choose) {
  return el(
    "div",
    { class: "segment", attrs: { role: "group" }, aria: { label } },
    ...choices.map((choice) => {
      const props = {
        testid: `${testid}-${choice.name}`,
        attrs: { "data-name": choice.name },
        title: choice.title ?? (choice.key ? `Run ${choice.label} at once: ${choice.key}` : ""),
        on: { click: () => choose(choice.name) },
      };
      return el("button", props, choice.icon && icon(choice.icon), choice.label);
    }),
  );
}

function choose(group, name) {
  for (const button of group.children) {
    button.setAttribute("aria-pressed", String(button.dataset.name === name));
  }
}

function mountJobs(store, commands, keys) {
  store.watch(
    (state) => [state.instances, ...jobsShown(state)],
    ([instances, ...jobs]) =>
      follow(byId("jobs"), jobs, {
        key: (job) => job.job_id,
        make: (job) => jobCard(job, commands, keys),
        update: (node, job) => {
          updateJob(node, job);
          updatePause(node, job, instances);
        },
      }),
  );
}

function jobCard({ job_id }, commands, keys) {
  const cancel = el(
    "button",
    {
      class: "button small",
      testid: "job-cancel",
      title: `Stop and keep what is done (${keys("cancelRun")})`,
      on: { click: () => commands.cancelJob(job_id) },
    },
    "Cancel",
    kbd(keys("cancelRun")),
  );
  const dismiss = { class: "ghost", testid: "job-dismiss", title: "Put away", aria: { label: "Put away" } };
  return el(
    "li",
    { class: "job", testid: "job-card" },
    el("header", {}, el("b", { class: "job-title" }), el("span", { class: "num job-facts" })),
    el("span", { class: "bar thick" }, el("i")),
    el("small", { class: "job-error" }),
    el("footer", { class: "job-active" }, cancel),
    el("footer", { class: "job-paused" }, ...pauseButtons(job_id, commands)),
    el("button", { ...dismiss, on: { click: () => commands.dismissJob(job_id) } }, icon("x")),
  );
}

function pauseButtons(job_id, commands) {
  const show = { class: "button small", testid: "job-show", on: { click: () => commands.showPause(job_id) } };
  const title = "Go on behind this frame, without a change; after a correction use Propagate";
  const resume = { class: "button small", testid: "job-resume", title, on: { click: () => commands.resumeJob(job_id) } };
  return [el("button", show, el("span")), el("button", resume, "Go on")];
}

/** Where a run paused and why; a press leads there. */
function updatePause(node, { paused }, instances) {
  node.querySelector(".job-paused").hidden = !paused;
  if (!paused) return;
  const { flag, frame_idx, pairs } = paused;
  const why = node.querySelector(".job-error");
  why.hidden = false;
  setText(why, `${pairsWords(pairs, instances)}: ${flagWords(flag)}`);
  setText(node.querySelector("[data-testid=job-show] span"), `Show frame ${frame_idx}`);
}

function updateJob(node, job) {
  const { state, done, total, error } = job;
  const active = state === "running" || state === "queued";
  node.dataset.state = state;
  node.dataset.done = done;
  node.dataset.total = total;
  setText(node.querySelector(".job-title"), titleOf(job));
  setText(node.querySelector(".job-facts"), factsOf(job, active));
  node.querySelector(".bar i").style.width = `${state === "done" ? 100 : percent(done, total)}%`;
  const why = node.querySelector(".job-error");
  why.hidden = !error;
  setText(why, error ? [error.message, error.hint].filter(Boolean).join(" ") : "");
  node.querySelector(".job-active").hidden = !active;
  node.querySelector("[data-testid=job-dismiss]").hidden = active;
}

const ACTIVE = { queued: "Waiting", running: "Running" };

function titleOf({ kind, state, paused, position }) {
  if (paused) return `Paused at frame ${paused.frame_idx}`;
  if (position) return `Waiting, ${position === 1 ? "next" : ordinal(position)}`;
  if (kind === "propagate") return ENDED[state] ?? ACTIVE[state];
  return `Model: ${state === "failed" ? "failed" : "loading"}`;
}

function factsOf({ kind, done, total, eta_s }, active) {
  if (kind !== "propagate") return `${byteSize(done)} of ${byteSize(total)}`;
  const frames = total ? `${grouped(done)} / ${grouped(total)}` : "";
  if (!active) return frames;
  const rate = eta_s > 0 && done >= LEAST_DONE ? (total - done) / eta_s : 0;
  const speed = rate > 0 ? `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} fps` : "";
  return [frames, speed, rate > 0 ? timeLeft(eta_s) : ""].filter(Boolean).join(" · ");
}
