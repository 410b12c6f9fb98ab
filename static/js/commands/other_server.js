/** A server other than the page's own: tried before it is used. */

import { getHealth, getSession } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

/**
 * @param {{store: Store, toast: Function, server: import("../net/server_choice.js").Server, own: string, choice: any, version: string}} deps
 *   server: the one in use; own: the address of the page's server; version: the page's
 */
export function otherServer({ store, toast, server, own, choice, version }) {
  /** @param {string} message @param {string} hint @returns {false} */
  function failed(message, hint) {
    store.dispatch({ type: "server_failed", error: { message, hint } });
    return false;
  }

  const refused = () =>
    server.token
      ? failed(`That is not ${server.name}'s token.`, "Its URL was printed when it started; a restart may have made a new one.")
      : failed(`${server.name} needs its token.`, "It was printed when it started.");

  /** Tell if the server runs this program and lets the page in; if not, the dialog says why. */
  async function isUsable() {
    if (!server.known) return failed(`A link points this page at ${server.name}.`, "Connect only if you know that server.");
    const health = await getHealth().catch((error) => (error.status ? "" : null));
    if (health === null) {
      return failed(`${server.name} gave no answer that this page may read.`, `If it runs, start it with --allowed-origin ${new URL(own).origin}; else check address, port and firewall.`);
    }
    if (health.trim() !== "ok") return failed(`${server.name} answers, but not as this program.`, "Check the port.");
    const session = await getSession();
    if (!session.authenticated) return refused();
    choice.comeBackTo(server.url);
    if (session.version !== version) {
      toast({ level: "info", message: `${server.name} runs version ${session.version}, this page is version ${version}.`, hint: "If something does not work, open that server's own page." });
    }
    return true;
  }

  return { isUsable, refused };
}
