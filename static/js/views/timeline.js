/** The timeline: ruler, filmstrip, a lane per pair, the playhead, and the whole video in a line below. */

import { timecode } from "../core/format.js";
import { brokenRuns } from "../core/region_rules.js";
import { othersOf } from "../core/people.js";
import { keypointsByLane, lanes, secondsAt } from "../core/selectors.js";
import { LABEL_PX, scaleOf, shownSpan } from "../core/timespan.js";
import { el } from "./dom.js";
import { LANE_PX, paintLanes } from "./timeline/lanes_layer.js";
import { MINIMAP_PX, paintMinimap } from "./timeline/minimap_layer.js";
import { listenOnTimeline } from "./timeline/pointing.js";
import { makePreview } from "./timeline/preview.js";
import { paintRuler, RULER_PX } from "./timeline/ruler_layer.js";
import { framesInStrip, paintStrip, STRIP_PX, THUMB_WIDTH } from "./timeline/strip_layer.js";
import { cleared, coloursOf } from "./timeline/surface.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, thumbnails: any}} deps */
export function mountTimeline(root, { store, commands, thumbnails }) {
  const parts = build(root);
  const preview = makePreview(root, { store, thumbnails });
  const painter = { parts, store, thumbnails, preview, colours: null, dirty: new Set(), scheduled: false };
  const repaint = (...layers) => invalidate(painter, layers.length ? layers : ["all"]);
  const recolour = () => {
    painter.colours = null;
    repaint();
  };
  new ResizeObserver(() => {
    parts.width = root.clientWidth;
    repaint();
  }).observe(root);
  for (const query of ["(prefers-color-scheme: light)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", recolour);
  thumbnails.onReady(() => repaint("strip"));
  parts.scroll.addEventListener("scroll", () => repaint("lanes"));
  store.watch((state) => state.view.theme, recolour);
  store.watch(
    (state) => [lanes(state), state.video.open, state.session.presence, state.playback.span, state.playback.range, state.view.filmstrip, state.batches.cuts, state.run_history.ious, state.suspicion.curves, state.region_rules, state.annotations.keypoints],
    () => repaint(),
  );
  store.watch((state) => [state.playback.playing, state.playback.scrubbing], () => repaint("strip"));
  store.watch((state) => state.view.hovered, () => repaint("lanes"));
  store.watch((state) => [state.playback.frame_idx, state.video.open], () => movePlayhead(parts, store.state));
  listenOnTimeline(parts, { store, commands, preview, wanted: () => repaint("strip") });
}

function build(root) {
  const [strip, canvas, minimap] = ["strip", "lanes", "minimap"].map((name) => el("canvas", { class: name }));
  const ruler = el("canvas", { class: "ruler", tabIndex: 0, attrs: { role: "slider" }, aria: { label: "Frame", valuemin: "0" } });
  const head = el("div", { class: "playhead" });
  const rows = el("div", { class: "lane-rows" }, canvas);
  const scroll = el("div", { class: "lane-scroll", tabIndex: 0, aria: { label: "Lanes" }, attrs: { role: "group" } }, rows);
  const place = el("div", { class: "minimap-place" });
  const slider = el("div", { class: "timeline-slider", testid: "timeline-slider" }, ruler, strip, scroll, head, minimap, place);
  root.append(slider);
  return { root, slider, ruler, strip, canvas, minimap, head, place, rows, scroll, width: root.clientWidth, followed: "" };
}

function invalidate(painter, layers) {
  for (const layer of layers) painter.dirty.add(layer);
  if (painter.scheduled) return;
  painter.scheduled = true;
  requestAnimationFrame(() => {
    painter.scheduled = false;
    paint(painter);
    painter.dirty.clear();
  });
}

const PAINT = { ruler: drawRuler, strip: drawStrip, lanes: drawLanes, minimap: drawMinimap };

function paint(painter) {
  const { parts, store, dirty } = painter;
  const video = store.state.video.open;
  parts.slider.hidden = !video;
  if (!video) return;
  const began_ms = performance.now();
  painter.colours ??= coloursOf(parts.root);
  const scene = sceneOf(painter);
  if (dirty.has("all")) layOut(parts, scene);
  for (const [name, draw] of Object.entries(PAINT)) if (dirty.has("all") || dirty.has(name)) draw(painter, scene);
  if (!dirty.has("all")) return;
  movePlayhead(parts, store.state);
  tell(parts, scene, performance.now() - began_ms);
}

function sceneOf({ parts, store, colours, thumbnails }) {
  const { state } = store;
  const video = state.video.open;
  const { span, range } = state.playback;
  const { view } = state;
  const { width } = parts;
  const others = othersOf(state.session);
  const scale = scaleOf(span, video.num_frames, width);
  return { video, span, range, cuts: state.batches.cuts, others, width, scale, colours, thumbnails, lanes: lanes(state), hovered: state.view.hovered, filmstrip: view.filmstrip, ious: state.run_history.ious, compared: state.run_history.compared, curves: state.suspicion.curves, broken: brokenRuns(state.region_rules), keypoints: keypointsByLane(state) };
}

function layOut(parts, { lanes: shown, filmstrip }) {
  parts.strip.hidden = !filmstrip;
  parts.rows.style.height = `${Math.max(1, shown.length) * LANE_PX}px`;
  keepInView(parts, shown);
}

function drawRuler({ parts }, scene) {
  paintRuler(cleared(parts.ruler, scene.width, RULER_PX), scene);
}

/** Draw the filmstrip and ask for missing pictures, unless frames are more urgent. */
function drawStrip({ parts, store, thumbnails, preview }, scene) {
  if (scene.filmstrip) parts.strip.dataset.drawn = String(paintStrip(cleared(parts.strip, scene.width, STRIP_PX), scene));
  if (store.state.playback.playing || store.state.playback.scrubbing) return;
  const strip = scene.filmstrip ? framesInStrip(scene).map(({ frame_idx }) => ({ frame_idx, width: THUMB_WIDTH })) : [];
  thumbnails.want(scene.video.video_id, [...preview.wanted(), ...strip]);
}

function drawLanes({ parts }, scene) {
  const { clientHeight: height, clientWidth: width, scrollTop: scrolled } = parts.scroll;
  if (!height) return;
  const context = cleared(parts.canvas, width, height);
  paintLanes(context, { ...scene, height, scrolled });
}

function drawMinimap({ parts }, scene) {
  paintMinimap(cleared(parts.minimap, scene.width, MINIMAP_PX), scene);
}

/** Describe the timeline in data attributes, so that tests need no pixels. */
function tell({ slider }, { video, span, others }, paint_ms) {
  const { from, frames } = shownSpan(span, video.num_frames);
  Object.assign(slider.dataset, { from: from.toFixed(2), frames: frames.toFixed(2), others: others.map((person) => person.frame_idx).join(" "), paintMs: paint_ms.toFixed(2) });
}

/** Scroll to the selected lane when the selection, the lanes or the height change; not against the user's scrolling. */
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

/** Called for every frame: it moves elements, and neither measures the page nor draws. */
function movePlayhead({ width, ruler, head, place }, state) {
  const video = state.video.open;
  const { frame_idx, span } = state.playback;
  if (!video) return;
  const scale = scaleOf(span, video.num_frames, width);
  const x = scale.x(frame_idx + 0.5);
  head.hidden = !video.num_frames || x < LABEL_PX - 1 || x > LABEL_PX + scale.inner + 1;
  head.style.transform = `translateX(${x}px)`;
  place.style.transform = `translateX(${scaleOf(null, video.num_frames, width).x(frame_idx + 0.5)}px)`;
  ruler.setAttribute("aria-valuemax", String(video.num_frames - 1));
  ruler.setAttribute("aria-valuenow", String(frame_idx));
  ruler.setAttribute("aria-valuetext", `frame ${frame_idx}, ${timecode(secondsAt(state, frame_idx))}`);
}
