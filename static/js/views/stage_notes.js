/** Words on the stage: nothing open, first click, a frame that is not there yet. */

import { brokenWords } from "../core/broken_video.js";
import { noteOf } from "../core/stage_note.js";
import { el, icon, kbd } from "./dom.js";

/** @import { Store } from "../core/store.js" */

/** Say what to do while no video is open, or why the open one cannot be read. @param {HTMLElement} root @param {{store: Store, choose: () => void}} deps */
export function mountWelcome(root, { store, choose }) {
  store.watch(
    (state) => [state.video.open ?? state.video.opening, state.video.list === null, state.video.list?.length ?? 0, state.session.auth],
    ([open, loading, count, auth]) => {
      const broken = brokenWords(store.state);
      root.hidden = (open !== null && !broken) || auth !== "ok";
      if (broken) root.replaceChildren(...ofBroken(broken));
      else if (loading) root.replaceChildren(el("p", { text: "Reading the list of videos…" }));
      else root.replaceChildren(...(count ? chooseOne() : firstRun(choose)));
    },
  );
}

const chooseOne = () => [
  icon("film"),
  el("h1", {}, "Choose a video", el("span", { class: "wide-only", text: " on the left" })),
  el("p", { class: "wide-only", text: "Or drop another one anywhere on this page." }),
  el("p", { class: "phone-only" }, "The button ", icon("panel-left"), " above opens the list."),
];

const ofBroken = ({ message, hint }) => [icon("triangle-alert"), el("h1", { text: message }), el("p", { text: hint })];

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

const NOTE_ICONS = { hint: "info", wait: "loader-circle", flag: "triangle-alert", stale: "refresh-cw", hidden: "eye-off" };

/** A hint, a flag or a wait, at the bottom of the stage. @param {HTMLElement} root @param {{store: Store, keys: (command: string) => string}} deps */
export function mountStageNote(root, { store, keys }) {
  store.watch(textOf, (text) => {
    root.hidden = text === null;
    if (text === null) return;
    const { kind, text: words, key, then } = noteOf(store.state);
    root.dataset.kind = kind;
    root.title = words;
    root.replaceChildren(icon(NOTE_ICONS[kind]), el("span", { text: words }));
    if (key) root.append(kbd(keys(key)));
    if (then) root.append(then);
  });
}

/** Join a note into one string, so that an unchanged one is not drawn again. */
function textOf(state) {
  const note = noteOf(state);
  return note && `${note.kind} ${note.text} ${note.key}`;
}
