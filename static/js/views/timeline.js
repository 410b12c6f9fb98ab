/** A ruler, a lane per pair, the playhead; a press or a drag goes to the frame under the pointer. */

import { flaggedNear, placeWords } from "../core/flags.js";
import { timecode } from "../core/format.js";
import { lanes, secondsAt } from "../core/selectors.js";
import { splitPair } from "../core/pairs.js";
import { el } from "./dom.js";
import { LABEL_PX, LANE_PX, paintLanes, paintRuler, RULER_PX, scaleOf } from "./timeline_paint.js";

const TOKENS = { line: "line", faint: "faint", dim: "dim", text: "text", track: "track", ok: "ok", bad: "bad", active: "lane-active", diamond: "diamond", diamondEdge: "diamond-edge" };

const NEAR_PX = 5; // of a mark, to be meant

/** @param {HTMLElement} root @param {{store: any, commands: any}} deps */
export function mountTimeline(root, { store, commands }) {
  const parts = build(root);
  let scheduled = false;
  const repaint = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      paint(parts, store.state);
    });
  };
  new ResizeObserver(repaint).observe(root);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", repaint);
  store.watch(
    (state) => [lanes(state), state.video, state.presence, state.view.theme],
    repaint,
  );
  store.watch(
    (state) => [state.frame_idx, state.video],
    ([frame_idx, video]) => movePlayhead(parts, { frame_idx, video, state: store.state }),
  );
  listen(parts, { store, commands });
}

function build(root) {
  const ruler = el("canvas", { class: "ruler" });
  const canvas = el("canvas", { class: "lanes" });
  const head = el("div", { class: "playhead" });
  const scroll = el("div", { class: "lane-scroll" }, canvas);
  const slider = el("div", {
    class: "timeline-slider",
    testid: "timeline-slider",
    tabIndex: 0,
    attrs: { role: "slider" },
    aria: { label: "Frame", valuemin: "0" },
  });
  slider.append(ruler, scroll, head);
  root.append(slider);
  return { root, slider, ruler, canvas, head, scroll, followed: "" };
}

function colours(root) {
  const probe = el("i");
  root.append(probe);
  const read = (token) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, read(token)]));
  probe.remove();
  return found;
}

function sized(canvas, width, height) {
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}

function paint(parts, state) {
  const { root, ruler, canvas } = parts;
  const { video, presence, client_id } = state;
  parts.slider.hidden = !video;
  if (!video) return;
  const width = root.clientWidth;
  const scale = scaleOf(video.num_frames, width);
  const shown = lanes(state);
  const scene = { video, scale, width, lanes: shown, colours: colours(root) };
  const others = presence.filter((one) => one.client_id !== client_id).map((one) => one.frame_idx);
  paintRuler(sized(ruler, width, RULER_PX), { ...scene, height: RULER_PX, others });
  parts.slider.dataset.others = others.join(" ");
  paintLanes(sized(canvas, width, Math.max(1, shown.length) * LANE_PX), scene);
  keepInView(parts, shown);
  movePlayhead(parts, { frame_idx: state.frame_idx, video, state });
}

/** The selected lane, whenever the selection, the lanes or the room for them change; not while one scrolls. */
function keepInView(parts, shown) {
  const at = shown.findIndex((lane) => lane.active);
  const { clientHeight, scrollTop } = parts.scroll;
  const now = `${shown[at]?.pair} ${at} ${shown.length} ${clientHeight}`;
  if (at < 0 || parts.followed === now) return;
  parts.followed = now;
  const top = at * LANE_PX;
  if (top < scrollTop) parts.scroll.scrollTop = top;
  else if (top + LANE_PX > scrollTop + clientHeight) parts.scroll.scrollTop = top + LANE_PX - clientHeight;
}

function movePlayhead({ root, slider, head }, { frame_idx, video, state }) {
  if (!video) return;
  const { x } = scaleOf(video.num_frames, root.clientWidth);
  head.style.transform = `translateX(${x(frame_idx + 0.5)}px)`;
  slider.setAttribute("aria-valuemax", String(video.num_frames - 1));
  slider.setAttribute("aria-valuenow", String(frame_idx));
  slider.setAttribute("aria-valuetext", `frame ${frame_idx}, ${timecode(secondsAt(state, frame_idx))}`);
}

function listen({ root, slider, canvas }, { store, commands }) {
  const frameAt = (event) => {
    const x = event.clientX - root.getBoundingClientRect().left;
    return scaleOf(store.state.video.num_frames, root.clientWidth).frameAt(x);
  };
  let dragging = false;
  slider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !store.state.video) return;
    if (event.target === canvas) selectLane(event, store, commands);
    if (event.offsetX < LABEL_PX && event.target === canvas) return;
    dragging = true;
    slider.setPointerCapture(event.pointerId);
    commands.scrubTo(frameAt(event), false);
  });
  slider.addEventListener("pointermove", (event) => {
    if (dragging) commands.scrubTo(frameAt(event), false);
    else if (store.state.video) slider.title = titleAt(event, canvas, frameAt(event), store.state);
  });
  const end = (event) => {
    if (!dragging) return;
    dragging = false;
    commands.scrubTo(event.type === "pointerup" ? frameAt(event) : store.state.frame_idx, true);
  };
  slider.addEventListener("pointerup", end);
  slider.addEventListener("pointercancel", end);
}

/** What is flagged under the pointer, or close to it. */
function titleAt(event, canvas, frame_idx, state) {
  const lane = event.target === canvas ? lanes(state)[Math.floor(event.offsetY / LANE_PX)] : null;
  if (!lane) return "";
  const { inner } = scaleOf(state.video.num_frames, canvas.clientWidth);
  const run = flaggedNear(lane.masks, frame_idx, Math.ceil((NEAR_PX * state.video.num_frames) / inner));
  return run ? `${lane.label}, ${placeWords(run)}` : "";
}

/** A press in a lane also selects its pair. */
function selectLane(event, store, commands) {
  const lane = lanes(store.state)[Math.floor(event.offsetY / LANE_PX)];
  if (!lane || lane.active) return;
  const { instance_id, region } = splitPair(lane.pair);
  commands.selectPair(instance_id, region);
}
