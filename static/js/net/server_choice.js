/** Chooses the server the page works with: its own, or another one that this browser knows. */

import { serverAddress, serverName } from "../core/server_url.js";

const SERVERS = "annotator.servers"; // {last, tokens: {url: token}}
const PASSING = "annotator.server_tokens"; // of this tab only

/** @typedef {{url: string, base: string, token: string, name: string, remote: boolean, known: boolean}} Server  url: empty for the page's own; base: its address, whichever it is */

export class ServerChoice {
  #local;
  #session;
  #own;

  /** @param {{local: Storage, session: Storage, own: string}} deps own: the page's own server: its origin, and the prefix if a proxy serves it under one */
  constructor({ local, session, own }) {
    this.#local = local;
    this.#session = session;
    this.#own = own;
  }

  /** The server named by the page's address; the user is asked first about an unknown one. @param {string} search @returns {Server} */
  read(search) {
    const url = serverAddress(new URLSearchParams(search).get("server") ?? "")?.url;
    if (!url || url === this.#own) return { url: "", base: this.#own, token: "", name: serverName(this.#own), remote: false, known: true };
    const tokens = { ...this.#kept().tokens, ...this.#passing() };
    return { url, base: url, token: tokens[url] ?? "", name: serverName(url), remote: true, known: url in tokens };
  }

  /** The server used last, for a page whose address names none; null: its own. @returns {string | null} */
  get last() {
    return this.#kept().last ?? null;
  }

  /** Every server this browser was connected to. @returns {string[]} */
  get known() {
    return Object.keys(this.#kept().tokens);
  }

  /** Remember a server. @param {{url: string, token: string, remember: boolean}} choice remember: the token, beyond this tab */
  choose({ url, token, remember }) {
    const { tokens } = this.#kept();
    this.#save({ last: null, tokens: { ...tokens, [url]: remember ? token : "" } });
    this.#session.setItem(PASSING, JSON.stringify({ ...this.#passing(), [url]: token }));
  }

  /** Remember a server that answered: the page comes back to it. @param {string} url */
  comeBackTo(url) {
    this.#save({ ...this.#kept(), last: url });
  }

  /** The page's own server again. */
  leave() {
    this.#save({ ...this.#kept(), last: null });
  }

  #kept() {
    const { last = null, tokens = {} } = read(this.#local, SERVERS);
    return { last, tokens };
  }

  #passing() {
    return read(this.#session, PASSING);
  }

  #save(kept) {
    this.#local.setItem(SERVERS, JSON.stringify(kept));
  }
}

function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name) ?? "{}");
  } catch {
    return {}; // written by another version
  }
}
