/** The buttons to play and step, and the frame number. */

import { counted, timecode } from "../core/format.js";
import { secondsAt } from "../core/selectors.js";
import { el, icon, kbd, setIcon, setText } from "./dom.js";
import { transportTools } from "./transport_tools.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const BUTTONS = [
  { command: "firstFrame", icon: "skip-back", label: "First frame" },
  { command: "previousFrame", icon: "step-back", label: "Previous frame" },
  { command: "togglePlay", icon: "play", label: "Play" },
  { command: "nextFrame", icon: "step-forward", label: "Next frame" },
  { command: "lastFrame", icon: "skip-forward", label: "Last frame" },
];

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, keys: (command: string) => string}} deps */
export function mountTransport(root, { store, commands, keys }) {
  const buttons = BUTTONS.map((row) => button(row, commands, keys));
  const play = buttons[2];
  play.append(kbd(keys("togglePlay")));
  const field = frameField(store, commands, keys);
  const rest = el("span", { class: "num dim", testid: "timecode" });
  const extent = el("span", { class: "num dim", testid: "extent" });
  const label = el("label", { class: "frame-label" }, "frame", field);
  root.append(...buttons, label, rest, el("span", { class: "grow" }), extent, ...transportTools({ store, commands, keys }));
  store.watch((state) => state.playback.playing, (playing) => {
    setIcon(play.firstElementChild, playing ? "pause" : "play");
    play.setAttribute("aria-label", `${playing ? "Pause" : "Play"} (${keys("togglePlay")})`);
  });
  store.watch(
    (state) => [state.video.open, state.playback.frame_idx, state.video.pts],
    ([video, frame_idx]) => {
      for (const control of [...buttons, field]) control.disabled = !video;
      if (document.activeElement !== field) field.value = video ? frame_idx : "";
      setText(rest, video?.num_frames ? `/ ${video.num_frames - 1} · ${timecode(secondsAt(store.state, frame_idx))}` : "");
      const extracting = video && video.state === "extracting";
      setText(extent, extracting ? `${counted(video.extracted, "frame")} extracted` : "");
    },
  );
}

function button({ command, icon: name, label }, commands, keys) {
  return el(
    "button",
    {
      class: "button small",
      testid: command,
      title: `${label} (${keys(command)})`,
      aria: { label },
      on: { click: () => commands[command]() },
    },
    icon(name),
  );
}

function frameField(store, commands, keys) {
  const field = el("input", {
    id: "frame-number",
    class: "frame-number num",
    testid: "frame-number",
    title: `Go to a frame (${keys("goToFrame")})`,
    inputMode: "numeric",
    aria: { label: "Frame number" },
    attrs: { autocomplete: "off" },
  });
  field.addEventListener("focus", () => field.select());
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const frame_idx = Number.parseInt(field.value, 10);
    if (event.key === "Enter" && frame_idx >= 0) commands.showFrame(frame_idx);
    if (event.key === "Enter" || event.key === "Escape") commands.focusStage();
  });
  field.addEventListener("blur", () => {
    field.value = store.state.video.open ? store.state.playback.frame_idx : "";
  });
  return field;
}
