/** The connection, the server's model and the people who use it. */

import { isOpen } from "./open_video.js";

/** @import { Model, Person } from "../wire.js" */

export const SESSION = {
  client_id: "",
  person_id: "", // of this browser
  auth: "unknown", // unknown, needed, ok
  access: "edit", // edit, view: what the token lets do
  /** @type {null | {message: string, hint?: string}} */ auth_error: null,
  /** @type {null | {message: string, hint: string}} */ server_error: null, // of the server the page was pointed at
  connection: "connecting", // connecting, online, offline
  read_only: false, // nothing can be written on the server
  host: { state: "ready", detail: "", restarts: 0 },
  /** @type {null | Partial<Model>} */ model: null, // the one in use
  /** @type {Model[]} */ models: [], // as listed last
  /** @type {Person[]} */ presence: [],
  /** @type {null | {ms: number, parts: {name: string, ms: number}[]}} */ latency: null, // of the last click
};

/** The fields that start anew with another video. */
export const SESSION_CLOSED = { presence: SESSION.presence };

/** @type {Record<string, import("./open_video.js").Case<typeof SESSION>>} */
export const SESSION_CASES = {
  client_named: (session, { client_id, person_id = "" }) => ({ ...session, client_id, person_id }),
  change_taken_back: (session) => session, // told of, no more: prompts_changed holds the change itself
  session_checked: (session, { authenticated, access, error = null }) => ({
    ...session,
    access: access ?? session.access,
    auth: authenticated ? "ok" : "needed",
    auth_error: error,
  }),
  session_read: (session, { read_only }) => ({ ...session, read_only }),
  server_failed: (session, { error }) => ({ ...session, server_error: error }),
  connection_changed: (session, { connection }) => ({ ...session, connection }),
  host_state: (session, { type, ...changes }) => ({ ...session, host: { ...session.host, ...changes } }),
  models_listed: (session, { models }) => ({ ...session, models }),
  model_changed: (session, { model }) => ({ ...session, model: { ...session.model, ...model } }),
  video_opened: (session, { ack }) => ({ ...session, model: ack.model ?? session.model }),
  presence: (session, { video_id, clients }, state) =>
    isOpen(state, video_id) ? { ...session, presence: clients } : session,
  latency_measured: (session, { ms, parts }) => ({ ...session, latency: { ms, parts } }),
};
