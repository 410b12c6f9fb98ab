/** Signs in, connects, and returns after the token or the connection was lost. */

import { ApiError, getSession, login } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

/**
 * @param {{store: Store, link: any, sender: any, listVideos: () => Promise<void>, openFirst: () => Promise<void>,
 *   reopenOnce: () => Promise<boolean>, takeToken: () => string | null, server: import("../net/server_choice.js").Server,
 *   elsewhere: {isUsable: () => Promise<boolean>, refused: () => void}}} deps
 *   server: the one in use; elsewhere: the checks of a server that is not the page's own
 */
export function sessionCommands({ store, link, sender, listVideos, openFirst, reopenOnce, takeToken, server, elsewhere }) {
  const checked = (authenticated, { error = null, access = null } = {}) =>
    store.dispatch({ type: "session_checked", authenticated, access, error });

  /** @param {string} access edit, or view: to look and export */
  async function enter(access) {
    checked(true, { access });
    link.connect();
    await listVideos();
    await openFirst();
  }

  /** Exchange the token for the cookie and go on. @param {string} token */
  async function signIn(token) {
    let access;
    try {
      ({ access } = await login(token));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = error.status === 401 ? "That is not this server's token." : error.message;
      checked(false, { error: { message, hint: error.hint } });
      return;
    }
    await enter(access);
  }

  /** The page's own server asks for its token in a form; another one was chosen in one. */
  const refused = () => (server.remote ? elsewhere.refused() : checked(false));

  /** First thing after loading: a token in the URL is used once and removed. */
  async function start() {
    if (server.remote) return (await elsewhere.isUsable()) ? enter((await getSession()).access) : undefined;
    const token = takeToken();
    if (token) return signIn(token);
    const { authenticated, access } = await getSession();
    return authenticated ? enter(access) : checked(false);
  }

  /** @param {string} connection online, offline or refused */
  async function connectionChanged(connection) {
    if (connection !== "online") sender.suspend();
    store.dispatch({
      type: "connection_changed",
      connection: connection === "online" ? "online" : "offline",
    });
    if (connection === "refused") await askAgain();
    if (connection !== "online") return;
    await readSession();
    const reopened = await reopenOnce();
    if (!reopened) sender.resume();
    await listVideos();
  }

  async function readSession() {
    const session = await getSession().catch(() => null);
    if (session) store.dispatch({ type: "session_read", read_only: Boolean(session.read_only) });
  }

  /** A refused socket may mean that the cookie is no longer good: a restarted server has a new token. */
  async function askAgain() {
    const session = await getSession().catch(() => null);
    if (session && !session.authenticated) refused();
  }

  return { start, signIn, connectionChanged };
}
