/** The address of a server, as people type or paste it. */

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const PAGES = /\/(review\/?)?$/; // the pages that a server has: not a part of its own address

/**
 * "gpu-01:8000", or the whole URL that a server printed, its token included.
 * @param {string} text @returns {{url: string, token: string} | null} url: the origin, and the prefix if a proxy serves it under one; null: no address
 */
export function serverAddress(text) {
  const trimmed = text.trim();
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
    if (!/^https?:$/.test(url.protocol) || !url.hostname || url.username || url.password) return null;
    return { url: url.origin + url.pathname.replace(PAGES, ""), token: tokenIn(url.hash) ?? "" };
  } catch {
    return null;
  }
}

/** The token that a URL the server printed carries behind its #; every sign of it counts. @param {string} hash @returns {string | null} */
export function tokenIn(hash) {
  const text = /^#(?:.*&)?t=([^&]*)/.exec(hash)?.[1];
  if (text === undefined) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign of its own
  }
}

/** "gpu-01:8000", with the prefix if it has one. @param {string} url */
export function serverName(url) {
  const { host, pathname } = new URL(url);
  return host + pathname.replace(/\/$/, "");
}

/** Return where the socket of a server listens. @param {string} url of the server */
export function socketAddress(url) {
  const { origin, pathname } = new URL(url);
  return { origin, path: `${pathname.replace(/\/$/, "")}/socket.io` };
}

/** Tell if browsers let a page of this origin reach that server at all. @param {string} page @param {string} url */
export function isMixed(page, url) {
  const to = new URL(url);
  return page.startsWith("https:") && to.protocol === "http:" && !LOOPBACK.test(to.hostname);
}

/** The subprotocols of a websocket, one of which carries the token, encoded as a name. @param {string} token */
export function tokenProtocols(token) {
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  const packed = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return ["sam2-session", `token.${packed}`];
}
