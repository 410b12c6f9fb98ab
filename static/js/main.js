/** The composition root: makes every part once and hands each its collaborators. */

import { io } from "../vendor/socket.io-4.8.4.esm.min.js";
import { makeCommands } from "./commands/all.js";
import { keepCurrent, keepLoaded, readiness } from "./commands/loading.js";
import { remember } from "./commands/remembering.js";
import { boundRows } from "./core/bindings.js";
import { disjoint } from "./core/disjoint.js";
import { isReadOnly, withoutEditing } from "./core/editing.js";
import { reduce } from "./core/reducer.js";
import { socketAddress, tokenProtocols } from "./core/server_url.js";
import { INITIAL_STATE } from "./core/state.js";
import { Store } from "./core/store.js";
import { FocusWalk } from "./input/focus_walk.js";
import { HeldKeys } from "./input/held_keys.js";
import { listenToHands, listenToKeys } from "./input/keyboard.js";
import { KEYMAP, keyOf, LEGEND, MOUSE } from "./input/keymap.js";
import { KeyPointer } from "./input/key_pointer.js";
import { listenToPointer } from "./input/pointer.js";
import { getFrame, getMask, getThumbnail, pointAt, thumbnailUrl, readVersion } from "./net/api.js";
import { isPassing, storageOf } from "./net/browser_storage.js";
import { FrameCache } from "./net/frame_cache.js";
import { claimIdentity, markLeft, personId } from "./net/identity.js";
import { keptRanges } from "./net/kept_ranges.js";
import { Link } from "./net/link.js";
import { MaskCache } from "./net/mask_cache.js";
import { OpSender } from "./net/op_sender.js";
import { onWire } from "./net/op_wire.js";
import { goesElsewhere, ownAddress, PageAddress, takeToken } from "./net/page_address.js";
import { startPainting } from "./net/painting.js";
import { readPlace } from "./net/preferences.js";
import { scopedStorage, storageScope } from "./net/scoped_storage.js";
import { tabLocks } from "./net/secure_only.js";
import { ServerChoice } from "./net/server_choice.js";
import { ServerEvents } from "./net/server_events.js";
import { Thumbnails } from "./net/thumbnails.js";
import { Stage } from "./views/canvas/stage.js";
import { byId } from "./views/dom.js";
import { reportErrors } from "./views/error_toasts.js";
import { mountPage } from "./views/page.js";
import { pageCommands } from "./views/page_commands.js";

const STORES_NOTHING = {
  level: "info",
  message: "This browser stores nothing for this page.",
  hint: "Settings, and what you do while the server is away, end with the page.",
};
const READ_ONLY = {
  level: "info",
  message: "You can only look and export here; nothing was changed.",
  hint: "To change annotations, open the page with the URL that lets you.",
};
const later = (ms, callback) => setTimeout(callback, ms);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const stored = { local: storageOf("localStorage"), session: storageOf("sessionStorage") };
const own = ownAddress();
const choice = new ServerChoice({ ...stored, own });
const server = choice.read(location.search);
const scope = storageScope(server, location.origin);
const local = scopedStorage(stored.local, scope);
const session = scopedStorage(stored.session, scope);
const store = new Store(reduce, INITIAL_STATE);
const frames = new FrameCache(getFrame, (video_id, frame_idx) => stage.frameReady(video_id, frame_idx));
const thumbnails = new Thumbnails(getThumbnail);
const previews = new Thumbnails(getThumbnail); // of a file to import: the timeline's go on beside them
const masks = new MaskCache(getMask, () => stage.invalidate("mask", "cursor"));
const stage = new Stage(byId("stage"), { store, frames, masks });
const held = new HeldKeys();

/** The keymap with this browser's own keys. */
const rows = () => boundRows(KEYMAP, store.state.view.keys);

function connect() {
  const protocols = server.token ? { protocols: tokenProtocols(server.token) } : {};
  const { origin, path } = socketAddress(server.base);
  return io(origin, { path, transports: ["websocket"], autoConnect: false, reconnectionDelay: 250, reconnectionDelayMax: 3000, ...protocols });
}

/** @param {() => import("./views/page_commands.js").Commands} commands made a moment later */
function makeLink(commands) {
  const events = new ServerEvents({
    store,
    masks,
    answered: (data, received_ms) => requestAnimationFrame(() => commands().answered(data, received_ms)),
    unanswered: (data) => commands().unanswered(data),
    now: () => performance.now(),
    reopen: () => commands().reopen(),
    after: {
      masks_changed: (data) => commands().rereadPair(data.key),
      video_deleted: (data) => commands().sayDeleted(data),
      job_ended: (data) => commands().jobEnded(data),
      trash_changed: (data) => commands().trashChanged(data),
      batch_changed: (data) => commands().batchChanged(data),
      batch_deleted: (data) => commands().batchDeleted(data),
      change_taken_back: (data) => commands().sayTakenBack(data),
    },
  });
  return new Link(connect(), {
    onEvent: (name, data) => events.happened(name, data),
    onMask: (data) => events.maskArrived(data),
    onConnection: (state) => commands().connectionChanged(state),
  });
}

/** @param {{link: Link, sender: OpSender}} wire */
function commandsOver(wire) {
  return makeCommands({
    ...wire,
    store, server, choice, pause, later, takeToken,
    keymap: KEYMAP,
    address: new PageAddress(),
    readPlace: () => readPlace(session, local),
    showPainted: (frame, seq, pixels) => masks.paint(frame, seq, pixels),
    startPainting: () => startPainting(store.state, masks),
    dropPainted: (seq) => masks.dropPainted((painted) => painted !== seq),
    showCleaned: (place, png) => masks.showInstead(place, png),
    showBefore: (place, png) => masks.keepBefore(place, png),
    ranges: keptRanges(local),
    own,
    version: document.body.dataset.version,
    go: (path) => location.assign(own + path),
    openWindow: (path, name) => globalThis.open(own + path, name),
    isReady: readiness({ store, frames, masks }),
    now: () => performance.now(),
    nextTick: (callback) => requestAnimationFrame(callback),
  });
}

/** @param {import("./views/page_commands.js").Commands} commands */
function mount(commands) {
  mountPage({
    store, commands, stage, server, rows, thumbnailUrl,
    keys: (name) => keyOf(name, rows()),
    notes: [...MOUSE, ...LEGEND],
    servers: () => choice.known,
    thumbnails, previews,
  });
}

async function start() {
  byId("scripts-missing").remove();
  if (goesElsewhere(choice)) return;
  pointAt(server);
  const { client_id, storage } = await claimIdentity({ locks: tabLocks(), session, local });
  addEventListener("pagehide", () => markLeft(session));
  addEventListener("beforeunload", (event) => {
    if (store.state.annotations.ops.some((op) => !op.acked)) event.preventDefault();
  });
  const link = makeLink(() => commands);
  const sender = new OpSender({
    client_id,
    storage,
    pause,
    send: (event, data) => link.ask(event, onWire(event, data)),
    onAck: (op, ack) => commands.acknowledged(op, ack),
  });
  store.dispatch({ type: "client_named", client_id, person_id: personId(local), queued: sender.queued });
  const made = commandsOver({ link, sender });
  const all = disjoint(made, pageCommands({ commands: made, stage, pointer: () => pointer }));
  const commands = withoutEditing(all, { isReadOnly: () => isReadOnly(store.state), say: () => all.showToast(READ_ONLY) });
  reportErrors({ commands });
  remember({ store, settings: stored.local, session, local });
  keepCurrent({ store, caches: [frames, masks, thumbnails, previews], readVersion });
  mount(commands);
  const pointer = listenToPointer(byId("cursor-layer"), { store, commands, stage, masks, held });
  const walk = new FocusWalk({ hasRegions: () => store.state.video.open !== null });
  listenToHands({ commands });
  const by_keys = new KeyPointer(byId("cursor-layer"), { store, commands, pointer });
  listenToKeys({ commands, held, walk, rows, take: (event) => by_keys.take(event) });
  keepLoaded({ store, frames, masks, density: () => devicePixelRatio });
  addEventListener("popstate", () => commands.followAddress());
  globalThis.__annotator = Object.freeze({ store, toClient: (x, y) => stage.toClient(x, y) });
  if (isPassing(stored.local)) commands.showToast(STORES_NOTHING);
  await commands.start();
}

start();
