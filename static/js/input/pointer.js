/** Turns pointer events on the stage into presses and drags in image pixels; the wheel or two fingers zoom, the middle button or Space pans. */

import { FRESH_MS } from "../core/fresh_dot.js";
import { keypointAt } from "../core/hits.js";
import { pointerKeys } from "../core/pointer_keys.js";
import { onImage, toImage } from "../core/viewport.js";
import { isApple } from "../net/platform.js";
import { movesSince } from "../net/secure_only.js";
import { isFar } from "./drags.js";
import { Fingers } from "./fingers.js";
import { makeTools } from "./presses.js";

/** @import { Commands } from "../views/page_commands.js" */
/** @import { Store } from "../core/store.js" */

const ZOOM_PER_PX = 0.0018; // natural exponent per CSS px of wheel travel
const LINE_PX = 33; // a wheel that counts in lines
const BRUSHES = ["brush", "eraser"];
const HELD_LONG = ["click", "polygon"]; // tools whose right button a long press of a finger stands for

/**
 * @param {HTMLElement} surface the top canvas
 * @param {{store: Store, commands: Commands, stage: any, masks: any, held: import("./held_keys.js").HeldKeys}} deps
 * @returns {{cancel: () => boolean, finish: () => boolean, back: () => boolean, isDragging: () => boolean, leave: () => void,
 *   moveTo: (at: number[]) => void, press: (at: number[], button: number) => void, release: (at: number[], button: number) => void}}
 *   cancel ends what is being drawn without effect, finish closes a polygon, back takes its last corner away; each tells
 *   whether there was anything. The rest acts as a mouse at a place in CSS px of the stage.
 */
export function listenToPointer(surface, deps) {
  const { store, commands, stage, held } = deps;
  const { tools, polygon, grabs, fresh } = makeTools(deps);
  const on_mac = isApple();
  let drag = null;

  const pressOf = (event) => {
    const bounds = surface.getBoundingClientRect();
    const at = [event.clientX - bounds.left, event.clientY - bounds.top];
    return { at, point: toImage(stage.view, at), ms: event.timeStamp, ...pointerKeys(event, on_mac) };
  };
  let last = null; // the pointer over the stage: Shift changes what it would do without a move
  const showPointer = (pointer) => {
    const { at, shift, secondary, ctrl, alt } = pointer ?? {};
    last = pointer && { at, shift: shift || secondary, ctrl, alt, fresh: fresh.isNear(at, performance.now()) };
    stage.setPointer(last && { ...last, panning: Boolean(drag?.pans) || held.panning, dragging: Boolean(drag) });
  };
  /** Return what the next click there would do, now and when the dot is no longer fresh. */
  const sayFresh = (pointer) => {
    showPointer(pointer);
    setTimeout(() => last && showPointer(last), FRESH_MS + 1);
  };
  /** Show the mask that a click there would lead to. */
  const tryAt = ({ point, shift }) => {
    const [x, y] = point;
    const { label } = store.state.view;
    const inside = !drag && onImage(store.state.video.open, point);
    commands.tryClick(inside ? { x, y, label: shift ? 1 - label : label } : null);
  };
  const modified = ({ shiftKey, altKey, ctrlKey, metaKey }) => {
    if (last) showPointer({ at: last.at, ...pointerKeys({ shiftKey, altKey, ctrlKey, metaKey }, on_mac) });
  };
  const move = (press) => {
    showPointer(press);
    if (store.state.view.trying) tryAt(press);
    drag?.move?.(press);
    if (store.state.view.tool === "polygon") polygon.hover(press);
  };
  const isShown = () => store.state.video.open && store.state.playback.drawn_idx !== null;
  const begin = (press) => {
    if (press.button === 1 || held.panning) return pan(press, deps);
    if (press.button === 0 && press.alt) return commands.pickHovered();
    if (press.button > 2) return null;
    const { tool } = store.state.view;
    if (tool !== "click") commands.stop(); // nobody draws on frames that go by
    return tools[tool](press);
  };

  const end = (released = null) => {
    const ended = drag;
    drag = null;
    surface.classList.remove("panning");
    if (released) ended?.release?.(released);
    else ended?.cancel?.();
    if (last) sayFresh({ ...last, secondary: false }); // no longer dragging
  };
  const fingers = new Fingers({
    grabs,
    holds: () => HELD_LONG.includes(store.state.view.tool),
    begin: (press) => (drag = begin(press) ?? null),
    move: (press) => drag?.move?.(press),
    release: end,
    cancel: end,
    pan: (dx, dy) => stage.panBy(dx, dy),
    zoom: (at, factor) => stage.zoomAt(at, factor),
  });

  surface.addEventListener("pointerdown", (event) => {
    surface.parentElement.focus({ preventScroll: true });
    if (!isShown()) return;
    event.preventDefault(); // no text selection, no middle-click scroll
    const press = pressOf(event);
    if (isFinger(event) && (!drag || fingers.busy)) fingers.down(event.pointerId, press);
    if (drag || isFinger(event)) return; // a hand that rests beside the pen does nothing
    drag = begin(press) ?? null;
    if (!drag) return sayFresh(press);
    surface.setPointerCapture(event.pointerId);
    surface.classList.toggle("panning", Boolean(drag.pans));
  });
  surface.addEventListener("pointermove", (event) => {
    const press = pressOf(event);
    if (isFinger(event)) return fingers.move(event.pointerId, press);
    if (drag?.paints) for (const between of movesSince(event)) drag.move(pressOf(between));
    move(press);
  });
  surface.addEventListener("pointerup", (event) => {
    if (isFinger(event)) fingers.up(event.pointerId, pressOf(event));
    else end(pressOf(event));
  });
  surface.addEventListener("pointercancel", (event) => {
    if (isFinger(event)) fingers.cancel(event.pointerId);
    else end();
  });
  const leave = () => {
    showPointer(null);
    commands.tryClick(null);
  };
  surface.addEventListener("pointerleave", () => store.state.view.pointing || leave());
  addEventListener("keydown", modified);
  addEventListener("keyup", modified);
  surface.addEventListener("contextmenu", (event) => event.preventDefault());
  surface.addEventListener("dblclick", (event) => doubleClick(pressOf(event), deps));
  surface.addEventListener("wheel", (event) => wheel(event, pressOf(event), deps), { passive: false });
  store.watch(
    ({ video, annotations, playback, view }) => [
      playback.drawn_idx,
      video.open?.video_id,
      annotations.instance_id,
      annotations.region,
      view.tool,
    ],
    () => {
      if (!drag?.pans) cancel(); // it was begun on another frame, for another pair, or with another tool
    },
  );

  function cancel() {
    if (!drag) return polygon.cancel();
    end();
    return true;
  }
  const keyPress = (at, button) => ({ at, point: toImage(stage.view, at), button, secondary: button === 2, shift: false, ctrl: false, alt: false, ms: performance.now() });
  return {
    cancel,
    finish: polygon.finish,
    back: polygon.back,
    isDragging: () => drag !== null,
    leave,
    moveTo: (at) => move(keyPress(at, 0)),
    press(at, button) {
      if (!isShown() || drag) return;
      drag = begin(keyPress(at, button)) ?? null;
      if (!drag) sayFresh(keyPress(at, button));
    },
    release: (at, button) => drag && end(keyPress(at, button)),
  };
}

const isFinger = ({ pointerType }) => pointerType === "touch";

/** A middle press that does not move picks what is under it. */
function pan(press, { stage, held, commands }) {
  let last = press.at;
  return {
    pans: true,
    move: ({ at }) => {
      held.use();
      stage.panBy(at[0] - last[0], at[1] - last[1]);
      last = at;
    },
    release: (now) => {
      if (press.button === 1 && !isFar(press, now)) commands.pickHovered();
    },
  };
}

/** Beside the frame: fit. On a keypoint: rename it. */
function doubleClick({ at, point }, { store, commands, stage }) {
  const video = store.state.video.open;
  const { view } = store.state;
  if (!video) return;
  if (!onImage(video, point)) return view.tool === "polygon" ? undefined : stage.fit();
  const hit = view.tool === "keypoint" && keypointAt(store.state, stage.view, at);
  if (hit) commands.editName(hit.keypoint.keypoint_id, hit.instance_id);
}

function wheel(event, { at, shift }, { store, commands, stage }) {
  event.preventDefault();
  const way = event.deltaY || event.deltaX; // with Shift some systems turn the wheel sideways
  const travel = way * (event.deltaMode === 1 ? LINE_PX : 1);
  const factor = Math.exp(-travel * ZOOM_PER_PX);
  if (shift && BRUSHES.includes(store.state.view.tool)) commands.resizeBrush(factor);
  else stage.zoomAt(at, factor);
}
