/** Gives each tab a client_id of its own, kept over a reload, never shared by two tabs. */

import { randomId } from "./secure_only.js";

const OWN = "annotator.client";
const LEFT = "annotator.left";
const PERSON = "annotator.person";
const OPS = "annotator.ops.";
const LOCK_WAIT_MS = 400; // a reloaded page's lock is released a moment after its successor starts

/** @typedef {{client_id: string, storage: {load: () => any, save: (queue: any) => void}}} Identity */

/**
 * A tab's own id if no other tab has it; else that of a closed tab with clicks to deliver; else a new one.
 * @param {{locks: LockManager | undefined, session: Storage, local: Storage}} browser
 *   locks are missing where the page came over plain http from another machine
 * @returns {Promise<Identity>}
 */
export async function claimIdentity({ locks, session, local }) {
  const client_id = locks
    ? await lockedId(locks, session, local)
    : ((session.getItem(LEFT) && ownId(session)) ?? randomId());
  session.removeItem(LEFT);
  return { client_id, storage: opStorage(client_id, session, local) };
}

/** The id of this browser's person: all its windows are theirs. @param {Storage} local @returns {string} */
export function personId(local) {
  const known = local.getItem(PERSON);
  if (known) return known;
  const fresh = randomId();
  local.setItem(PERSON, fresh);
  return fresh;
}

/** Marks that the page goes away: its successor in this tab may keep the same id. @param {Storage} session */
export const markLeft = (session) => session.setItem(LEFT, "1");

const ownId = (session) => JSON.parse(session.getItem(OWN) ?? "null")?.client_id;

async function lockedId(locks, session, local) {
  const own = ownId(session);
  if (own && (await hold(locks, own, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }))) return own;
  for (const orphan of orphans(local)) {
    if (orphan !== own && (await hold(locks, orphan, { ifAvailable: true }))) return orphan;
  }
  const fresh = randomId();
  await hold(locks, fresh, { ifAvailable: true });
  return fresh;
}

const orphans = (local) =>
  (local.names?.() ?? Object.keys(local))
    .filter((name) => name.startsWith(OPS))
    .map((name) => name.slice(OPS.length));

/** Hold the lock for as long as the page lives. @returns {Promise<boolean>} whether it was got */
function hold(locks, client_id, options) {
  return new Promise((resolve) => {
    const kept = (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {});
    };
    locks.request(`annotator.${client_id}`, options, kept).catch(() => resolve(false));
  });
}

function opStorage(client_id, session, local) {
  return {
    load() {
      const own = JSON.parse(session.getItem(OWN) ?? "null");
      const kept = JSON.parse(local.getItem(OPS + client_id) ?? "null") ?? { next_seq: 1, ops: [] };
      const next_seq = own?.client_id === client_id ? own.next_seq : 1;
      return { ops: kept.ops, next_seq: Math.max(next_seq, kept.next_seq) };
    },
    save({ next_seq, ops }) {
      session.setItem(OWN, JSON.stringify({ client_id, next_seq }));
      if (ops.length) local.setItem(OPS + client_id, JSON.stringify({ next_seq, ops }));
      else local.removeItem(OPS + client_id);
    },
  };
}
