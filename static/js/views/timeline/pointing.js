/** Pointer and wheel on the timeline: go to a frame, draw the range, zoom, pan, describe the mask pointed at. */

import { othersOf, personWords } from "../../core/people.js";
import { lanes } from "../../core/selectors.js";
import { splitPair } from "../../core/pairs.js";
import { frameUnder, LABEL_PX, scaleOf, shownSpan } from "../../core/timespan.js";
import { LANE_PX } from "./lanes_layer.js";
import { laneWords } from "./words.js";

/** @import { Commands } from "../page_commands.js" */
/** @import { Store } from "../../core/store.js" */

const MARK_PX = 6; // from a mark, to take hold of it
const PERSON_PX = 8; // from another person's place, to read who it is
const ZOOM_PER_PX = 0.0022; // natural exponent per CSS px of wheel travel
const LINE_PX = 33; // a wheel that counts in lines

/** @param {any} parts of the timeline @param {{store: Store, commands: Commands, preview: any, wanted: () => void}} deps */
export function listenOnTimeline(parts, deps) {
  const { slider, scroll } = parts;
  const { store } = deps;
  let drag = null;
  let held_by = null; // the pointer that drags: a second finger changes nothing
  const at = (event) => placeOf(event, parts, store.state);
  slider.addEventListener("pointerdown", (event) => {
    if (drag || !store.state.video.open || isOnScrollbar(event, scroll)) return;
    drag = begin(event, at(event), parts, deps);
    if (!drag) return;
    if (event.button === 1) event.preventDefault(); // no scrolling by itself
    deps.preview.hide();
    held_by = event.pointerId;
    slider.setPointerCapture(held_by);
    drag.move(at(event));
  });
  slider.addEventListener("pointermove", (event) => {
    if (!store.state.video.open) return;
    if (drag) event.pointerId === held_by && drag.move(at(event));
    else hover(event, at(event), parts, deps);
  });
  const end = (event) => {
    if (!drag || event.pointerId !== held_by) return;
    const ended = drag;
    drag = null;
    ended.end?.(event.type === "pointerup" ? at(event) : null);
  };
  slider.addEventListener("pointerup", end);
  slider.addEventListener("pointercancel", end);
  slider.addEventListener("pointerleave", () => deps.preview.hide());
  slider.addEventListener("dblclick", (event) => {
    if (event.target === parts.ruler && store.state.video.open) deps.commands.zoomToRange();
  });
  slider.addEventListener("wheel", (event) => store.state.video.open && wheel(event, at(event), deps.commands), { passive: false });
}

/** The position of an event: in px, in frames of the part shown and of the whole video. */
function placeOf(event, { root }, { video, playback: { span } }) {
  const { num_frames } = video.open;
  const x = event.clientX - root.getBoundingClientRect().left;
  const scale = scaleOf(span, num_frames, root.clientWidth);
  const whole = scaleOf(null, num_frames, root.clientWidth);
  return { x, scale, at: scale.at(x), frame_idx: frameUnder(scale, x, num_frames), at_whole: whole.at(x) };
}

const isOnScrollbar = (event, scroll) => event.target === scroll;

function begin(event, place, parts, deps) {
  const { store, commands } = deps;
  if (event.button === 1) return pan(place, commands);
  if (event.button !== 0) return null;
  if (event.target === parts.minimap) return panWhole(place, store, commands);
  const onRuler = event.target === parts.ruler;
  if (event.shiftKey) return draw(place, commands);
  const mark = onRuler && markNear(place, store.state);
  if (mark) return moveMark(mark, commands);
  if (event.target === parts.canvas) selectLane(event, parts, store, commands);
  return place.x < LABEL_PX - MARK_PX ? null : scrub(store, commands);
}

const scrub = (store, commands) => ({
  move: ({ frame_idx }) => commands.scrubTo(frame_idx, false),
  end: (place) => commands.scrubTo(place?.frame_idx ?? store.state.playback.frame_idx, true),
});

const draw = ({ frame_idx: from }, commands) => ({ move: ({ frame_idx }) => commands.drawRange(from, frame_idx) });

const moveMark = (which, commands) => ({ move: ({ frame_idx }) => commands.moveMark(which, frame_idx) });

function pan({ at: from }, commands) {
  return { move: ({ at }) => commands.panTimeline(from - at) };
}

/** The window of the minimap is dragged; a press beside it brings it there. */
function panWhole({ at_whole }, store, commands) {
  const { from, frames } = shownSpan(store.state.playback.span, store.state.video.open.num_frames);
  const inside = at_whole >= from && at_whole <= from + frames;
  const hold = inside ? at_whole - from : frames / 2;
  return {
    move: (place) => commands.panTimeline(place.at_whole - hold - (store.state.playback.span?.from ?? 0)),
  };
}

/** The mark of the range that can be taken hold of here. @returns {"start" | "end" | null} */
function markNear({ x, scale }, { playback: { range } }) {
  const near = (frame) => frame !== null && Math.abs(scale.x(frame) - x) <= MARK_PX;
  if (near(range.start)) return "start";
  return near(range.end === null ? null : range.end + 1) ? "end" : null;
}

const personNear = ({ x, scale }, { session }) => othersOf(session).find(({ frame_idx }) => Math.abs(scale.x((frame_idx ?? 0) + 0.5) - x) <= PERSON_PX);

const laneAt = (event, { scroll }, state) => lanes(state)[Math.floor((event.offsetY + scroll.scrollTop) / LANE_PX)];

/** A press in a lane also selects its pair. */
function selectLane(event, parts, store, commands) {
  const lane = laneAt(event, parts, store.state);
  if (!lane || lane.active) return;
  const { instance_id, region } = splitPair(lane.pair);
  commands.selectPair(instance_id, region);
}

function hover(event, place, parts, { store, preview, wanted }) {
  const { slider, ruler, strip, canvas, minimap } = parts;
  const inFrames = place.x >= LABEL_PX;
  const lane = event.target === canvas && inFrames ? laneAt(event, parts, store.state) : null;
  const person = event.target === ruler && inFrames ? personNear(place, store.state) : null;
  slider.title = lane ? laneWords(lane, place.frame_idx, place.scale.px) : person ? personWords(person) : "";
  slider.dataset.over = event.target === ruler && markNear(place, store.state) ? "mark" : event.target === minimap ? "minimap" : "";
  if (inFrames && (event.target === ruler || event.target === strip)) preview.show(place.frame_idx, place.x);
  else preview.hide();
  wanted();
}

/** Over the names the lanes scroll by themselves. */
function wheel(event, { x, at, scale }, commands) {
  if (x < LABEL_PX) return;
  event.preventDefault();
  const unit = event.deltaMode === 1 ? LINE_PX : 1;
  const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) commands.panTimeline((along * unit) / scale.px);
  else commands.zoomTimeline(Math.exp(-event.deltaY * unit * ZOOM_PER_PX), at);
}
