/** The composition root of the review page: makes every part once and hands each its collaborators. */

import { io } from "../vendor/socket.io-4.8.4.esm.min.js";
import { reviewPageCommands } from "./commands/review/all.js";
import { NO_REVIEW, reduceReview } from "./core/review/state.js";
import { socketAddress, tokenProtocols } from "./core/server_url.js";
import { Store } from "./core/store.js";
import { listenToReviewKeys } from "./input/review/keyboard.js";
import { getBatchCells, getCells, getMask, getSession, getThumbnail, judgeMasks, login, pointAt } from "./net/api.js";
import { storageOf } from "./net/browser_storage.js";
import { personId } from "./net/identity.js";
import { ownAddress, takeToken } from "./net/page_address.js";
import { listenLive } from "./net/review/live.js";
import { CellPictures } from "./net/review/pictures.js";
import { scopedStorage, storageScope } from "./net/scoped_storage.js";
import { randomId } from "./net/secure_only.js";
import { ServerChoice } from "./net/server_choice.js";
import { byId } from "./views/dom.js";
import { CellGrid } from "./views/review/grid.js";
import { mountReviewPage } from "./views/review/page.js";

const stored = { local: storageOf("localStorage"), session: storageOf("sessionStorage") };
const own = ownAddress();
const server = new ServerChoice({ ...stored, own }).read(location.search);
const store = new Store(reduceReview, NO_REVIEW);
const pictures = new CellPictures({ getThumbnail, getMask });

function connect() {
  const protocols = server.token ? { protocols: tokenProtocols(server.token) } : {};
  const { origin, path } = socketAddress(server.base);
  return io(origin, { path, transports: ["websocket"], autoConnect: false, ...protocols });
}

function sayConnection(connection) {
  byId("connection").hidden = connection === "online";
}

/** @param {PromiseRejectionEvent} event */
function sayFailure({ reason }) {
  const { message, hint = "" } = reason ?? {};
  if (message) store.dispatch({ type: "note_shown", note: { level: "error", message, hint } });
}

async function start() {
  byId("scripts-missing").remove();
  pointAt(server);
  /** @type {CellGrid} */ let grid;
  const commands = reviewPageCommands({
    store,
    api: { getCells, getBatchCells, judgeMasks },
    later: (ms, callback) => setTimeout(callback, ms),
    go: (path) => location.assign(own + path),
    server: server.url,
    shape: () => grid.shape,
    isReady: (cell) => grid.isReady(cell),
    replaceSearch: (search) => history.replaceState(null, "", location.pathname + search),
  });
  addEventListener("unhandledrejection", sayFailure);
  mountReviewPage({ store, commands, workPage: server.remote ? `${own}/?server=${encodeURIComponent(server.url)}` : `${own}/` });
  grid = new CellGrid(byId("grid"), { store, commands, pictures });
  listenToReviewKeys({ commands });
  globalThis.__review = Object.freeze({ store });
  const token = server.remote ? null : takeToken();
  if (token) await login(token);
  getSession().then(({ access }) => store.dispatch({ type: "access_read", access }), () => {}); // a refusal is told with the cells
  await commands.open(location.search);
  const me = { client_id: randomId(), person_id: personId(scopedStorage(stored.local, storageScope(server, location.origin))) };
  listenLive(connect(), { dispatch: (action) => store.dispatch(action), commands: () => commands, video_id: store.state.video_id, me, onConnection: sayConnection });
  byId("grid").focus();
}

start();
