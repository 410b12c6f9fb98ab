/** Points the page at another server than its own, and back. */

import { isMixed, serverAddress, serverName } from "../core/server_url.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, choice: any, own: string, go: (path: string) => void}} deps own: the address of the page's server */
export function serverCommands({ store, choice, own, go }) {
  const failed = (message, hint) => store.dispatch({ type: "server_failed", error: { message, hint } });

  const showServers = () => {
    store.dispatch({ type: "server_failed", error: null });
    store.dispatch({ type: "dialog_changed", dialog: "server" });
  };

  /** Load the page anew for that server; it is tried before anything else happens. @param {{address: string, token: string, remember: boolean}} typed */
  function connectTo({ address, token, remember }) {
    const found = serverAddress(address);
    if (!found) return failed("That is no server's address.", "Write it like gpu-01:8000, or paste the URL it printed.");
    if (found.url === own) return backToOwn();
    if (isMixed(own, found.url)) {
      return failed(`Browsers let a page over https not reach ${serverName(found.url)} over http.`, "Use its https address, or open this page over http.");
    }
    choice.choose({ url: found.url, token: token.trim() || found.token, remember });
    go(`/?server=${encodeURIComponent(found.url)}`);
  }

  function backToOwn() {
    choice.leave();
    go("/");
  }

  return { showServers, connectTo, backToOwn };
}
