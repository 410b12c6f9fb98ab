/** The bar on top: the open video, whether everything is saved, undo, redo and theme. */

import { counted, frameRate } from "../core/format.js";
import { nameOf } from "../core/people.js";
import { ownChange, ownerHere, unacknowledged, undoable } from "../core/selectors.js";
import { byId, el, icon, kbd, setIcon, setName, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const THEME_ICONS = { system: "monitor", dark: "moon", light: "sun" };
const THEME_WORDS = { system: "the system's", dark: "dark", light: "light" };

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, keys: (command: string) => string}} deps */
export function mountToolbar(root, { store, commands, keys }) {
  mountButtons(document.body, { commands, keys });
  mountVideo(store);
  mountSaved(store);
  store.watch(undoable, ([undo, redo]) => {
    byId("undo").disabled = !undo;
    byId("redo").disabled = !redo;
  });
  mountOwners(store);
  const theme = icon("monitor");
  byId("theme").append(theme);
  store.watch(
    (state) => state.view.theme,
    (name) => {
      setIcon(theme, THEME_ICONS[name]);
      byId("theme").title = `Theme: ${THEME_WORDS[name]} (click for the next)`;
      byId("theme").setAttribute("aria-label", `Theme: ${THEME_WORDS[name]}`);
      if (name === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = name;
    },
  );
}

/** The tooltips of undo and redo name whoever else made the change that comes next. */
function mountOwners(store) {
  store.watch(
    (state) => [stranger(state, "undo"), stranger(state, "redo")],
    ([maker, undoer]) => {
      retitle(byId("undo"), maker ? `Undo: ${nameOf(maker)} made the last change here` : "Undo");
      retitle(byId("redo"), undoer ? `Redo: ${nameOf(undoer)} undid the last change here` : "Redo");
    },
  );
}

/** Name the other person who made the change that comes next; null while it is one's own. */
const stranger = (state, way) => (ownChange(state, way) ? null : ownerHere(state, way));

/** Give a button other words; the key behind them stays. */
const retitle = (button, words) => (button.title = words + (/ \([^()]*\)$/.exec(button.title)?.[0] ?? ""));

/** Buttons of the template say which command they run; icon, key and tooltip come from here. */
function mountButtons(root, { commands, keys }) {
  for (const button of root.querySelectorAll("button[data-command]")) {
    const { command, icon: name } = button.dataset;
    const label = button.getAttribute("aria-label") ?? button.textContent;
    const key = keys(command);
    if (name) button.prepend(icon(name));
    if (key && !button.matches(".icon-only, .ghost")) button.append(kbd(key));
    button.title = key ? `${label} (${key})` : label;
    button.addEventListener("click", () => commands[command]());
  }
}

function mountVideo(store) {
  const name = byId("video-name");
  const facts = byId("video-facts");
  const [text, mark] = [el("span"), icon("triangle-alert")];
  facts.append(mark, text);
  store.watch(
    (state) => state.video.open,
    (video) => {
      name.hidden = !video;
      facts.hidden = !video?.num_frames; // nothing is known of a file that is no video
      document.title = video ? `${video.name} · sam2-session` : "sam2-session";
      if (!video) return;
      setName(name, video.name);
      name.title = video.name;
      const rate = video.fps ? ` · ${frameRate(video.fps)}` : "";
      const frames = counted(video.num_frames, "frame");
      setText(text, `${video.width}×${video.height}${rate} · ${frames}`);
      mark.toggleAttribute("hidden", !video.note);
      facts.title = video.note ?? "";
      facts.classList.toggle("noted", Boolean(video.note));
    },
  );
}

const savedWords = (count, offline) => {
  if (!count) return "saved";
  if (offline) return `${count} not sent`; // nothing is on its way
  return count > 1 ? `saving ${count}…` : "saving…";
};

function mountSaved(store) {
  const chip = byId("saved");
  const mark = icon("check");
  const text = el("span");
  chip.append(mark, text);
  store.watch((state) => [unacknowledged(state), state.session.connection === "offline"], ([count, offline]) => {
    chip.dataset.unsaved = String(count);
    setIcon(mark, count ? "loader-circle" : "check");
    setText(text, savedWords(count, offline));
    if (chip.dataset.waited && !count) chip.dataset.at = new Date().toLocaleTimeString();
    chip.dataset.waited = count ? "yes" : "";
    const last = chip.dataset.at ? ` Last saved at ${chip.dataset.at}.` : "";
    chip.title = count
      ? `Sent as soon as the server answers; a reload does not lose it.${last}`
      : `Everything you did is stored on the server.${last}`;
  });
}
