/** Getting in: the token, the connection, and coming back after either was lost. */

import { ApiError, getHealth, getSession, login } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

/**
 * @param {{store: Store, link: any, sender: any, videos: any, takeToken: () => string | null, toast: Function,
 *   server: any, own: string, choice: any, version: string}} deps
 *   server: the one in use; own: the page's origin; version: the page's
 */
export function sessionCommands({ store, link, sender, videos, takeToken, toast, server, own, choice, version }) {
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

  /** The page's own server asks for its token in a form; another one was chosen in one. */
  const refused = () => (server.remote ? tokenRefused() : checked(false));

  const failed = (message, hint) => store.dispatch({ type: "server_failed", error: { message, hint } });

  const tokenRefused = () =>
    server.token
      ? failed(`That is not ${server.name}'s token.`, "Its URL was printed when it started; a restart may have made a new one.")
      : failed(`${server.name} needs its token.`, "It was printed when it started.");

  /** Another server is tried before it is used. */
  async function startElsewhere() {
    if (!server.known) return failed(`A link points this page at ${server.name}.`, "Connect only if you know that server.");
    const health = await getHealth().catch((error) => (error.status ? "" : null));
    if (health === null) {
      return failed(`${server.name} gave no answer that this page may read.`, `If it runs, start it with --allowed-origin ${own}; else check address, port and firewall.`);
    }
    if (health.trim() !== "ok") return failed(`${server.name} answers, but not as this program.`, "Check the port.");
    const session = await getSession();
    if (!session.authenticated) return tokenRefused();
    choice.comeBackTo(server.url);
    if (session.version !== version) {
      toast({ level: "info", message: `${server.name} runs version ${session.version}, this page is of ${version}.`, hint: "Should something not work, open that server's own page." });
    }
    await enter();
  }

  /** First thing after loading: a token in the URL is used once and removed. */
  async function start() {
    if (server.remote) return startElsewhere();
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
    if (session && !session.authenticated) refused();
  }

  return { start, signIn, connectionChanged };
}
