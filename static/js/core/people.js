/** The other people on a video: whose change is whose, and what each works on. */

import { pairName } from "./pairs.js";

/** @import { Client, Person } from "./wire.js" */
/** @import { State } from "./state.js" */

/**
 * Tell if a change is one's own: made in this window, or in another one of this browser. Nobody's is everybody's.
 * @param {State["session"]} session @param {Client | null | undefined} client
 */
export const isOwn = ({ client_id, person_id }, client) =>
  !client || client.client_id === client_id || (Boolean(person_id) && client.person_id === person_id);

/** Return who one is, for the list of what was deleted. @param {State} state */
export const meOf = ({ session, view }) => ({ client_id: session.client_id, client_name: view.my_name });

/** "Anna", or "Somebody". @param {{name?: string} | null | undefined} client */
export const nameOf = (client) => client?.name || "Somebody";

/** Everybody else on the video, each window once. @param {State["session"]} session @returns {Person[]} */
export const othersOf = ({ presence, client_id }) =>
  [...new Map(presence.map((person) => [person.client_id, person])).values()].filter((person) => person.client_id !== client_id);

/** The name of the pair a person works on, or null while it is not known. @param {Person} person */
export const pairOfPerson = ({ instance_id, region }) =>
  instance_id === null || instance_id === undefined || !region ? null : pairName(instance_id, region);

/** "Anna works on 2 wrist, frame 12". @param {Person} person */
export function personWords(person) {
  const pair = pairOfPerson(person);
  const frame = person.frame_idx === null || person.frame_idx === undefined ? "" : `frame ${person.frame_idx}`;
  if (pair) return [`${nameOf(person)} works on ${pair.replace("/", " ")}`, frame].filter(Boolean).join(", ");
  return frame ? `${nameOf(person)} is at ${frame}` : `${nameOf(person)} is here`;
}

/** Return where a change was made: "frame 12, 2 wrist"; of keypoints "frame 12, instance 2". */
export const placeWords = ({ instance_id, region }, frame_idx) =>
  `frame ${frame_idx}, ${region ? `${instance_id} ${region}` : `instance ${instance_id}`}`;

/** Name the owner of the next change in undo or redo, if it is another person. @param {State} state @param {Client | null} client */
export const otherOwner = ({ session }, client) => (isOwn(session, client) ? null : client);

const ANYWAY = { undo: "Undo anyway", redo: "Redo anyway", propagate: "Run anyway" };

/**
 * The question before another person's work is touched; its button, or the same key again, is the yes.
 * @param {string} event @param {any} data its fields @param {string} message
 */
export const anywayToast = (event, data, message) => ({
  level: "info",
  about: "others",
  message,
  hint: event === "propagate" ? "A run now takes the prompts as they are." : "The same key again takes it back all the same.",
  action: "doAnyway",
  label: ANYWAY[event],
  args: [event, data],
});

/** Tell if two ops are about the same frame of the same pair. @param {any} one @param {any} other */
export const isSamePlace = (one, other) =>
  one.frame_idx === other.frame_idx && one.key.instance_id === other.key.instance_id && one.key.region === other.key.region;
