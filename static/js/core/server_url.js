/** The address of a server, as people type or paste it. */

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * "gpu-01:8000", or the whole URL that a server printed, its token included.
 * @param {string} text @returns {{url: string, token: string} | null} url: the origin; null: no address
 */
export function serverAddress(text) {
  const trimmed = text.trim();
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
    if (!/^https?:$/.test(url.protocol) || !url.hostname || url.username || url.password) return null;
    return { url: url.origin, token: tokenIn(url.hash) ?? "" };
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

/** "gpu-01:8000". @param {string} url */
export const serverName = (url) => new URL(url).host;

/** Whether browsers let a page of this origin reach that server at all. @param {string} page @param {string} url */
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
