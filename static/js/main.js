/** The composition root: makes every part once and hands each its collaborators. */

import { io } from "../vendor/socket.io-4.8.4.esm.min.js";
import { makeCommands } from "./commands/all.js";
import { framesWanted, masksWanted } from "./core/prefetch.js";
import { boundRows } from "./core/bindings.js";
import { reduce } from "./core/reducer.js";
import { INITIAL_STATE } from "./core/state.js";
import { Store } from "./core/store.js";
import { tokenIn, tokenProtocols } from "./core/server_url.js";
import { toScreen } from "./core/viewport.js";
import { FocusWalk } from "./input/focus_walk.js";
import { HeldKeys } from "./input/held_keys.js";
import { listenToKeys } from "./input/keyboard.js";
import { KEYMAP, keyOf, LEGEND, MOUSE } from "./input/keymap.js";
import { listenToPointer } from "./input/pointer.js";
import { getFrame, getMask, getThumbnail, pointAt, thumbnailUrl } from "./net/api.js";
import { FrameCache } from "./net/frame_cache.js";
import { claimIdentity, markLeft } from "./net/identity.js";
import { keptRanges } from "./net/kept_ranges.js";
import { Link } from "./net/link.js";
import { MaskCache } from "./net/mask_cache.js";
import { onWire } from "./net/op_wire.js";
import { OpSender } from "./net/op_sender.js";
import * as preferences from "./net/preferences.js";
import { scopedStorage } from "./net/scoped_storage.js";
import { ServerChoice } from "./net/server_choice.js";
import { ServerEvents } from "./net/server_events.js";
import { Thumbnails } from "./net/thumbnails.js";
import { Stage } from "./views/canvas/stage.js";
import { byId } from "./views/dom.js";
import { mountPage } from "./views/page.js";

const later = (ms, callback) => setTimeout(callback, ms);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const choice = new ServerChoice({ local: localStorage, session: sessionStorage, own: location.origin });
const server = choice.read(location.search);
const local = scopedStorage(localStorage, server.url);
const session = scopedStorage(sessionStorage, server.url);
const store = new Store(reduce, INITIAL_STATE);
const frames = new FrameCache(getFrame, (video_id, frame_idx) => stage.frameReady(video_id, frame_idx));
const masks = new MaskCache(getMask, () => stage.invalidate("mask", "cursor"));
const stage = new Stage(byId("stage"), { store, frames, masks });
const thumbnails = new Thumbnails(getThumbnail);
const previews = new Thumbnails(getThumbnail); // of a file to import: the timeline's go on beside them
const held = new HeldKeys();

/** The keymap with this browser's own keys. */
const rows = () => boundRows(KEYMAP, store.state.view.keys);

/** A token in the fragment is used once and never stays in the address bar or the history. */
function takeToken() {
  const token = tokenIn(location.hash);
  if (token) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/** A page without a server in its address goes on where it was last; a token is for its own. @returns {boolean} whether it does */
function goesElsewhere() {
  if (!choice.last || new URLSearchParams(location.search).has("server") || tokenIn(location.hash)) return false;
  location.replace(`/?server=${encodeURIComponent(choice.last)}`);
  return true;
}

function connect() {
  const protocols = server.token ? { protocols: tokenProtocols(server.token) } : {};
  return io(server.url || location.origin, { transports: ["websocket"], autoConnect: false, reconnectionDelay: 250, reconnectionDelayMax: 3000, ...protocols });
}

/** What the end of a job that is no run leads to. */
const SIDE_JOBS = {
  export: (commands, job) => commands.exportEnded(job),
  import: (commands, job) => commands.importEnded(job),
};

function listenToServer(socket, sender, commands) {
  const events = new ServerEvents({
    store,
    masks,
    answered: (data, received_ms) => requestAnimationFrame(() => commands().answered(data, received_ms)),
    unanswered: (data) => commands().unanswered(data),
    now: () => performance.now(),
    reopen: () => commands().reopen(),
    modelLoaded: (job) => commands().modelEnded(job),
    after: {
      masks_changed: (data) => commands().rereadPair(data.key),
      video_deleted: (data) => commands().sayDeleted(data),
      job_ended: (data) => SIDE_JOBS[data.kind]?.(commands(), data),
    },
  });
  return new Link(socket, {
    onEvent: (name, data) => events.happened(name, data),
    onMask: (data) => events.maskArrived(data),
    onConnection: (state) => commands().connectionChanged(state),
  });
}

/** What the keys and buttons can do beside the commands: move the focus, the view, end a drag. */
function pageCommands(commands, pointer) {
  const panes = ["stage", "left", "right", "time", "top"];
  return {
    fit: () => stage.fit(),
    zoom: (factor) => stage.zoom(factor),
    focusStage: () => byId("stage").focus({ preventScroll: true }),
    focusFrame: () => byId("frame-number").focus(),
    nextPane: () => {
      const at = panes.findIndex((id) => byId(id).contains(document.activeElement));
      const pane = byId(panes[(at + 1) % panes.length]);
      (pane.querySelector("button:not(:disabled, [hidden]), input:not([hidden])") ?? pane).focus();
      if (pane.id === "stage") pane.focus();
      byId("stage").classList.toggle("reached-by-key", pane.id === "stage");
    },
    closePolygon: () => pointer.current.finish(),
    takeCornerBack: () => pointer.current.back() || commands.deleteSelected(),
    escape: () => {
      if (pointer.current?.cancel() || commands.cancelRun()) return;
      byId("stage").focus({ preventScroll: true });
    },
  };
}

function load() {
  store.watch(
    (state) => framesKey(state),
    () => {
      const wanted = framesWanted(store.state);
      const video = store.state.video.open;
      if (video) frames.want(video.video_id, wanted);
    },
  );
  store.watch(
    (state) => [state.annotations.masks, state.annotations.instances, state.playback.drawn_idx, state.playback.frame_idx, state.view.masks_hidden, state.playback.playing, state.playback.pace.stride],
    () => {
      const { state } = store;
      if (!state.video.open) return;
      const near = state.playback.drawn_idx === null ? [] : [state.playback.drawn_idx];
      const wanted = masksWanted(state, [...new Set([...near, ...framesWanted(state)])]);
      masks.want(wanted.map((one) => ({ ...one, video_id: state.video.open.video_id })));
    },
  );
}

const framesKey = ({ video: { open: video }, playback: { frame_idx, heading, playing, scrubbing, pace } }) => [
  video?.video_id,
  video?.state,
  video?.state === "extracting" && frame_idx >= video.extracted - 1 ? video.extracted : 0,
  frame_idx,
  heading,
  playing,
  scrubbing,
  pace.stride,
];

function remember() {
  store.dispatch({ type: "preferences_read", preferences: preferences.readTastes(localStorage) });
  store.watch(
    ({ view }) => Object.values(preferences.tastesOf(view)),
    () => preferences.writeTastes(localStorage, store.state.view),
  );
  store.watch(
    ({ video, annotations, playback }) => [video.open?.video_id, playback.frame_idx, annotations.instance_id, annotations.region],
    () => preferences.writePlace(session, local, store.state),
  );
}

/** Whatever goes wrong unseen ends as a toast with a hint. */
function reportErrors(commands) {
  const report = (error) => {
    if (!error || error.code === "cancelled") return;
    const { message = String(error), hint = "" } = error;
    commands.showToast({ level: "error", message, hint });
  };
  addEventListener("unhandledrejection", (event) => {
    report(event.reason);
    if (event.reason?.name === "ApiError") event.preventDefault();
  });
  addEventListener("error", (event) => report(event.error));
}

async function start() {
  if (goesElsewhere()) return;
  pointAt(server);
  const { client_id, storage } = await claimIdentity({
    locks: navigator.locks,
    session,
    local,
  });
  addEventListener("pagehide", () => markLeft(session));
  addEventListener("beforeunload", (event) => {
    if (store.state.annotations.ops.some((op) => !op.acked)) event.preventDefault();
  });
  /** @type {Record<string, Function>} */ let commands;
  let link;
  const sender = new OpSender({
    client_id,
    storage,
    pause,
    send: (event, data) => link.ask(event, onWire(event, data)),
    onAck: (op, ack) => commands.acknowledged(op, ack),
  });
  store.dispatch({ type: "client_named", client_id, queued: sender.queued });
  const socket = connect();
  link = listenToServer(socket, sender, () => commands);
  const readPlace = () => preferences.readPlace(session, local);
  const made = makeCommands({
    store, link, sender, keymap: KEYMAP, readPlace, pause, later, takeToken,
    showPainted: (place, seq, pixels) => masks.paint(place, seq, pixels),
    dropPainted: (seq) => masks.dropPainted((one) => one !== seq),
    ranges: keptRanges(local),
    server,
    choice,
    own: location.origin,
    version: document.body.dataset.version,
    go: (path) => location.assign(path),
    isReady,
    now: () => performance.now(),
    nextTick: (callback) => requestAnimationFrame(callback),
  });
  const pointer = { current: null };
  commands = { ...made, ...pageCommands(made, pointer) };
  reportErrors(commands);
  remember();
  mountPage({ store, commands, stage, keys: (name) => keyOf(name, rows()), rows, notes: [...MOUSE, ...LEGEND], server, servers: () => choice.known, thumbnailUrl, thumbnails, previews });
  pointer.current = listenToPointer(byId("cursor-layer"), { store, commands, stage, masks, held });
  const walk = new FocusWalk({ hasRegions: () => store.state.video.open !== null });
  listenToKeys({ commands, held, walk, rows });
  load();
  globalThis.__annotator = Object.freeze({ store, toClient });
  await commands.start();
}

/** Whether a frame and, unless bare, its masks can be drawn at once. @param {number} frame_idx @param {boolean} bare */
function isReady(frame_idx, bare) {
  const { state } = store;
  const { video_id } = state.video.open;
  if (!frames.get(video_id, frame_idx)) return false;
  if (bare) return true;
  return masksWanted(state, [frame_idx]).every((one) => (masks.get({ ...one, video_id })?.rev ?? 0) >= one.rev);
}

/** Where a source pixel lies in the window, for tests that click. @param {number} x @param {number} y */
function toClient(x, y) {
  const bounds = byId("stage").getBoundingClientRect();
  const [left, top] = toScreen(stage.view, [x, y]);
  return { x: bounds.left + left, y: bounds.top + top };
}

start();
