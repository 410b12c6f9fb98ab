/** The stack of canvases: one viewport, one animation frame, each layer redrawn only when it changed. */

import { keypointsHere, masksHere, promptHere } from "../../core/selectors.js";
import * as viewport from "../../core/viewport.js";
import { drawCursor } from "./cursor_layer.js";
import { drawFrame } from "./frame_layer.js";
import { pairsAtPointer, samePairs } from "./hovering.js";
import { drawMasks } from "./mask_layer.js";
import { drawPrompts } from "./prompt_layer.js";

/** @import { Store } from "../../core/store.js" */

const DRAW = { frame: drawFrame, mask: drawMasks, prompt: drawPrompts, cursor: drawCursor };
const LAYERS = Object.keys(DRAW);
const REST_MS = 120; // without a move, and the view stands still
const POINTER_REST_MS = 600; // without a move, and the pointer rests

export class Stage {
  view = { scale: 1, aspect: 1, x: 0, y: 0 };
  #root;
  #deps;
  #contexts;
  #dirty = new Set(LAYERS);
  #scheduled = false;
  #size = { width: 1, height: 1 };
  #fitted = true;
  #kept_free = 0; // CSS px below a fitted picture that the timeline may take
  #rest = null; // timer while the view moves
  #draft = null; // the shape that a drag is making: {box}, {point_idx, at}, {keypoint_id, at}, {polygon} or {painting}
  #pointer = null; // {at, shift, ctrl, alt, panning, dragging, rests}
  #pointer_rest = null; // timer while the pointer moves

  /** @param {any} root @param {{store: Store, frames: any, masks: any}} deps */
  constructor(root, deps) {
    this.#root = root;
    this.#deps = deps;
    this.#contexts = Object.fromEntries(
      LAYERS.map((name) => [name, root.querySelector(`#${name}-layer`).getContext("2d")]),
    );
    this.#watch(deps.store);
    observeSize(root, () => this.#resize());
  }

  #watch(store) {
    store.watch((state) => state.video.open?.video_id, () => this.fit());
    store.watch((state) => state.playback.frame_idx, () => this.invalidate());
    store.watch((state) => [state.playback.drawn_idx, state.video.open?.video_id], () => this.invalidate(...LAYERS));
    store.watch(
      (state) => [masksHere(state), state.view.tried, state.view.alpha, state.view.others_alpha, state.view.mask_style],
      () => this.invalidate("mask", "cursor"),
    );
    store.watch((state) => [state.view.hovered, state.view.brush_px, state.view.loupe, state.view.pointer_labels], () => this.invalidate("cursor"));
    store.watch(
      (state) => [promptHere(state), keypointsHere(state), state.annotations.keypoint_id, state.annotations.naming, state.annotations.instances],
      () => this.invalidate("prompt"),
    );
    store.watch(
      (state) => [state.view.tool, state.view.label, state.annotations.instance_id, state.annotations.region, promptHere(state)],
      () => this.invalidate("cursor", "prompt", "mask"),
    );
  }

  get #image() {
    return this.#deps.store.state.video.open;
  }

  /** The whole frame. */
  fit() {
    this.#fitted = true;
    if (this.#image) this.#look(viewport.fit(this.#image, this.#size, this.#kept_free));
  }

  /** Keep room below the picture: taking it later moves nothing. @param {number} below in CSS px */
  keepFree(below) {
    if (below === this.#kept_free) return;
    this.#kept_free = below;
    if (this.#fitted) this.fit();
  }

  /** @param {number[]} at_screen @param {number} factor */
  zoomAt(at_screen, factor) {
    if (!this.#image) return;
    this.#fitted = false;
    this.#look(viewport.zoomAt(this.view, at_screen, factor, this.#image, this.#size));
  }

  /** @param {number} factor about the middle of the stage */
  zoom(factor) {
    this.zoomAt([this.#size.width / 2, this.#size.height / 2], factor);
  }

  /** @param {number} dx @param {number} dy in CSS px */
  panBy(dx, dy) {
    if (!this.#image) return;
    this.#fitted = false;
    this.#look(viewport.panBy(this.view, dx, dy, this.#image, this.#size));
  }

  /** Show the draft of a drag; null ends it. */
  setDraft(draft) {
    const paints = draft?.painting || this.#draft?.painting;
    this.#draft = draft;
    if (paints) this.invalidate("mask", "cursor");
    else this.invalidate("prompt", "cursor");
  }

  /** Follow the pointer; null: it left the stage. */
  setPointer(pointer) {
    clearTimeout(this.#pointer_rest);
    const moved = pointer?.at.join() !== this.#pointer?.at.join() || pointer?.dragging;
    this.#pointer = pointer && { ...pointer, rests: !moved && this.#pointer?.rests };
    if (pointer && !this.#pointer.rests) this.#pointer_rest = setTimeout(() => this.#pointerRests(), POINTER_REST_MS);
    this.invalidate("cursor");
  }

  #pointerRests() {
    if (this.#pointer) this.#pointer.rests = true;
    this.invalidate("cursor");
  }

  /** A frame was decoded: show it if it is the one asked for, or the newest a fast scrub has. */
  frameReady(video_id, frame_idx) {
    const { state } = this.#deps.store;
    if (video_id !== state.video.open?.video_id) return;
    if (frame_idx === state.playback.frame_idx) this.invalidate();
    else if (state.playback.scrubbing) this.#show(frame_idx);
  }

  /** @param {...string} layers to draw in the next animation frame */
  invalidate(...layers) {
    for (const layer of layers) this.#dirty.add(layer);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#tick());
  }

  /** The position of a source pixel in the window, for tests that click. @param {number} x @param {number} y */
  toClient(x, y) {
    const bounds = this.#root.getBoundingClientRect();
    const [left, top] = viewport.toScreen(this.view, [x, y]);
    return { x: bounds.left + left, y: bounds.top + top };
  }

  #show(frame_idx) {
    this.#deps.store.dispatch({ type: "frame_drawn", frame_idx });
  }

  #look(view) {
    this.view = view;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#rested(), REST_MS);
    this.invalidate(...LAYERS);
  }

  /** The view stands still: what was drawn quickly is drawn well. */
  #rested() {
    this.#rest = null;
    this.invalidate("frame", "mask");
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#root;
    const before = this.#size;
    this.#size = { width, height };
    for (const { canvas } of Object.values(this.#contexts)) {
      canvas.width = Math.round(width * devicePixelRatio);
      canvas.height = Math.round(height * devicePixelRatio);
    }
    if (this.#fitted) this.fit();
    else this.#look(viewport.recentred(this.view, before, this.#size));
    this.#dirty = new Set(LAYERS);
    this.#tick(); // at once: a cleared canvas would flash
  }

  #tick() {
    this.#scheduled = false;
    const { store, frames } = this.#deps;
    const video = store.state.video.open;
    const { frame_idx, drawn_idx } = store.state.playback;
    const { view } = store.state;
    if (view.zoom !== this.view.scale) store.dispatch({ type: "zoomed", zoom: this.view.scale });
    if (this.#dirty.has("cursor") && !this.#pointer?.dragging) this.#hover();
    if (video && frame_idx !== drawn_idx && frames.get(video.video_id, frame_idx)) {
      this.#show(frame_idx);
    }
    for (const layer of this.#dirty) this.#draw(layer);
    this.#dirty.clear();
    this.#tell();
  }

  #hover() {
    const { store, masks } = this.#deps;
    const pairs = pairsAtPointer({ state: store.state, view: this.view, masks, pointer: this.#pointer });
    if (!samePairs(pairs, store.state.view.hovered)) store.dispatch({ type: "pairs_hovered", pairs });
  }

  #draw(layer) {
    const context = this.#contexts[layer];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const drawn = DRAW[layer](context, {
      state: this.#deps.store.state,
      view: this.view,
      density: devicePixelRatio,
      frames: this.#deps.frames,
      masks: this.#deps.masks,
      moving: this.#rest !== null,
      draft: this.#draft,
      pointer: this.#pointer,
    });
    if (layer === "mask") this.#tellMasks(drawn);
    if (layer === "cursor") this.#tellEffect(drawn ?? null);
  }

  /** @param {string | null} click_does at the pointer */
  #tellEffect(click_does) {
    this.#root.dataset.clickDoes = click_does ?? "";
    if (this.#deps.store.state.view.click_does !== click_does) this.#deps.store.dispatch({ type: "click_effect_changed", click_does });
  }

  /** Describe the stage in data attributes, so that tests need no pixels. */
  #tell() {
    const { dataset } = this.#root;
    const { video, playback: { drawn_idx } } = this.#deps.store.state;
    dataset.videoId = video.open?.video_id ?? "";
    dataset.frameIdx = String(drawn_idx ?? "");
    dataset.points = String(promptHere(this.#deps.store.state).points.length);
    dataset.hovered = this.#deps.store.state.view.hovered.join(" ");
    dataset.viewScale = String(this.view.scale);
    dataset.viewX = String(this.view.x);
    dataset.viewY = String(this.view.y);
  }

  #tellMasks(drawn) {
    this.#root.dataset.drawnMasks = String(Object.keys(drawn).length);
    this.#root.dataset.maskRevs = JSON.stringify(drawn);
  }
}

/** Whenever the stage or the density of the screen changes: zoomed in the browser, moved to another screen. */
function observeSize(root, changed) {
  new ResizeObserver(changed).observe(root);
  const again = () => {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", again, { once: true });
    changed();
  };
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", again, { once: true });
}
