/** Words on the stage: nothing open, first click, a frame that is not there yet. */

import { flagWords } from "../core/flags.js";
import { currentPair, isExtracted } from "../core/selectors.js";
import { grouped } from "../core/format.js";
import { el, icon, kbd } from "./dom.js";

/** With no video open: what to do. @param {HTMLElement} root @param {{store: any, choose: () => void}} deps */
export function mountWelcome(root, { store, choose }) {
  store.watch(
    (state) => [state.video ?? state.opening, state.videos === null, state.videos?.length ?? 0, state.auth],
    ([open, loading, count, auth]) => {
      root.hidden = open !== null || auth !== "ok";
      if (loading) root.replaceChildren(el("p", { text: "Reading the list of videos…" }));
      else root.replaceChildren(...(count ? chooseOne() : firstRun(choose)));
    },
  );
}

const chooseOne = () => [
  icon("film"),
  el("h1", { text: "Choose a video on the left" }),
  el("p", { text: "Or drop another one anywhere on this page." }),
];

function firstRun(choose) {
  const button = el(
    "button",
    { class: "button primary", testid: "welcome-upload", on: { click: choose } },
    icon("upload"),
    "Choose a video",
  );
  return [
    icon("film"),
    el("h1", { text: "No videos yet" }),
    el("p", { text: "Drop a video anywhere on this page, or put files into the server's videos folder." }),
    button,
    el("ol", {}, ...STEPS.map((text) => el("li", { text }))),
  ];
}

const STEPS = [
  "Click on an object: its mask appears.",
  "Right click where the mask is wrong.",
  "Press T: the mask follows the object through the video.",
];

const NOTE_ICONS = { hint: "info", wait: "loader-circle", flag: "triangle-alert" };

/** A hint, a flag or a wait, at the bottom of the stage. @param {HTMLElement} root @param {{store: any, keys: (command: string) => string}} deps */
export function mountStageNote(root, { store, keys }) {
  store.watch(noteOf, (note) => {
    root.hidden = note === null;
    if (note === null) return;
    const [kind, text] = note.split("|");
    root.dataset.kind = kind;
    root.replaceChildren(icon(NOTE_ICONS[kind]), text);
    if (root.dataset.kind === "hint") root.append(kbd(keys("showHelp")), "all keys");
  });
}

/** One string, so that an unchanged note is not drawn again. */
function noteOf(state) {
  const { video, opening, frame_idx, drawn_idx } = state;
  if (!video) return opening ? "wait|Opening the video…" : null;
  if (video.state === "failed") return `wait|${video.error?.message ?? "This video cannot be read."}`;
  if (!isExtracted(state, frame_idx)) {
    const done = `${grouped(video.extracted)} of ${grouped(video.num_frames)}`;
    return `wait|Frame ${frame_idx} is not extracted yet; ${done} are. It appears by itself.`;
  }
  if (drawn_idx === null) return null;
  const untouched = !state.ops.length && !Object.values(state.prompts).some((one) => Object.keys(one).length);
  if (untouched) return "hint|Click on an object: left adds, right removes.";
  const flags = state.playing ? [] : (state.masks[currentPair(state)]?.[drawn_idx]?.flags ?? []);
  return flags.length ? `flag|${flags.map(flagWords).join(", ")}: a click here corrects it` : null;
}
