/** Pointer events on the stage → presses and drags in image pixels; wheel → zoom; middle or Space → pan. */

import { keypointAt } from "../core/hits.js";
import { onImage, toImage } from "../core/viewport.js";
import { makeTools } from "./presses.js";

const ZOOM_PER_PX = 0.0018; // natural exponent per CSS px of wheel travel
const LINE_PX = 33; // a wheel that counts in lines

/**
 * @param {HTMLElement} surface the top canvas
 * @param {{store: any, commands: any, stage: any, held: import("./held_keys.js").HeldKeys}} deps
 * @returns {{cancel: () => boolean}} cancel ends a drag without effect; tells whether there was one
 */
export function listenToPointer(surface, deps) {
  const { store, commands, stage, held } = deps;
  const tools = makeTools(deps);
  let drag = null;

  const pressOf = (event) => {
    const bounds = surface.getBoundingClientRect();
    const at = [event.clientX - bounds.left, event.clientY - bounds.top];
    const { button, shiftKey: shift, ctrlKey, metaKey } = event;
    return { at, point: toImage(stage.view, at), button, shift, ctrl: ctrlKey || metaKey };
  };
  let last = null; // the pointer over the stage: Shift changes what it would do without a move
  const showPointer = (pointer) => {
    last = pointer && { at: pointer.at, shift: pointer.shift, ctrl: pointer.ctrl };
    stage.setPointer(last && { ...last, panning: Boolean(drag?.pans) || held.panning });
  };
  const modified = ({ shiftKey: shift, ctrlKey, metaKey }) => {
    if (last) showPointer({ at: last.at, shift, ctrl: ctrlKey || metaKey });
  };

  surface.addEventListener("pointerdown", (event) => {
    surface.parentElement.focus({ preventScroll: true });
    if (drag || !store.state.video || store.state.drawn_idx === null) return;
    event.preventDefault(); // no text selection, no middle-click scroll
    const press = pressOf(event);
    if (event.button === 1 || held.panning) drag = pan(press, stage, held);
    else if (event.button === 0 || event.button === 2) drag = tools[store.state.view.tool](press);
    if (!drag) return;
    surface.setPointerCapture(event.pointerId);
    surface.classList.toggle("panning", Boolean(drag.pans));
  });
  surface.addEventListener("pointermove", (event) => {
    const press = pressOf(event);
    showPointer(press);
    drag?.move?.(press);
  });
  const end = (event) => {
    const ended = drag;
    drag = null;
    surface.classList.remove("panning");
    if (event.type === "pointerup") ended?.release?.(pressOf(event));
    else ended?.cancel?.();
  };
  surface.addEventListener("pointerup", end);
  surface.addEventListener("pointercancel", end);
  surface.addEventListener("pointerleave", () => showPointer(null));
  addEventListener("keydown", modified);
  addEventListener("keyup", modified);
  surface.addEventListener("contextmenu", (event) => event.preventDefault());
  surface.addEventListener("dblclick", (event) => doubleClick(pressOf(event), deps));
  surface.addEventListener("wheel", (event) => wheel(event, pressOf(event), stage), { passive: false });

  function cancel() {
    if (!drag) return false;
    end({ type: "cancel" });
    return true;
  }
  return { cancel };
}

function pan(press, stage, held) {
  let last = press.at;
  return {
    pans: true,
    move: ({ at }) => {
      held.use();
      stage.panBy(at[0] - last[0], at[1] - last[1]);
      last = at;
    },
  };
}

/** Beside the frame: fit. On a keypoint: rename it. */
function doubleClick({ at, point }, { store, commands, stage }) {
  const { video, view } = store.state;
  if (!video) return;
  if (!onImage(video, point)) return stage.fit();
  const hit = view.tool === "keypoint" && keypointAt(store.state, stage.view, at);
  if (hit) commands.editName(hit.keypoint.keypoint_id, hit.instance_id);
}

function wheel(event, { at }, stage) {
  event.preventDefault();
  const travel = event.deltaY * (event.deltaMode === 1 ? LINE_PX : 1);
  stage.zoomAt(at, Math.exp(-travel * ZOOM_PER_PX));
}
