/** Getting in: the token, the connection, and coming back after either was lost. */

import { ApiError, getSession, login } from "../net/api.js";

/** @param {{store: any, link: any, sender: any, videos: any, takeToken: () => string | null}} deps */
export function sessionCommands({ store, link, sender, videos, takeToken }) {
  const checked = (authenticated, error = null) =>
    store.dispatch({ type: "session_checked", authenticated, error });

  async function enter() {
    checked(true);
    link.connect();
    await videos.listVideos();
    await videos.openRemembered();
  }

  /** Exchange the token for the cookie and go on. @param {string} token */
  async function signIn(token) {
    try {
      await login(token);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = error.status === 401 ? "That is not this server's token." : error.message;
      checked(false, { message, hint: error.hint });
      return;
    }
    await enter();
  }

  /** First thing after loading: a token in the URL is used once and removed. */
  async function start() {
    const token = takeToken();
    if (token) return signIn(token);
    const { authenticated } = await getSession();
    return authenticated ? enter() : checked(false);
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
    const reopened = await videos.reopen();
    if (!reopened) sender.resume();
    await videos.listVideos();
  }

  /** A refused socket may mean that the cookie is no longer good: a restarted server has a new token. */
  async function askAgain() {
    const session = await getSession().catch(() => null);
    if (session && !session.authenticated) checked(false);
  }

  return { start, signIn, connectionChanged };
}
