/** The place a link leads to: a video, a frame and a pair, as the address of the page carries them. */

import { pairName, splitPair } from "./pairs.js";

/** @import { State } from "./state.js" */
/** @typedef {{video_id: string, frame_idx: number | null, instance_id: number | null, region: string | null}} Place  null: the link does not say */

const FIELDS = ["video", "frame", "pair"];
const PAIR = /^[1-9][0-9]*\/./;
const FRAME = /^[0-9]+$/;
const JUMP_FRAMES = 25; // more at once is a jump, from which Back returns; less is a step

/** The place in the query of an address, or null where it names no video. @param {string} search @returns {Place | null} */
export function placeIn(search) {
  const fields = new URLSearchParams(search);
  const video_id = fields.get("video");
  if (!video_id) return null;
  const frame = fields.get("frame") ?? "";
  const pair = fields.get("pair") ?? "";
  const { instance_id, region } = PAIR.test(pair) ? splitPair(pair) : { instance_id: null, region: null };
  return { video_id, frame_idx: FRAME.test(frame) ? Number(frame) : null, instance_id, region };
}

/** The query with another value of one field; null takes it out. @param {string} search @param {string} name @param {string | null} value @returns {string} */
export function searchWith(search, name, value) {
  const others = [...new URLSearchParams(search)].filter(([known]) => known !== name);
  return queryOf(value === null ? others : [...others, [name, value]]);
}

/** The query that leads to a place; what else the address carries stays. @param {string} search @param {Place | null} place @returns {string} */
export function searchOf(search, place) {
  const others = [...new URLSearchParams(search)].filter(([name]) => !FIELDS.includes(name));
  return queryOf([...others, ...(place ? fieldsOf(place) : [])]);
}

function queryOf(fields) {
  const query = fields.map(([name, value]) => `${name}=${readable(value)}`);
  return query.length ? `?${query.join("&")}` : "";
}

function fieldsOf({ video_id, frame_idx, instance_id, region }) {
  const fields = [["video", video_id]];
  if (frame_idx !== null) fields.push(["frame", String(frame_idx)]);
  if (instance_id !== null && region !== null) fields.push(["pair", pairName(instance_id, region)]);
  return fields;
}

const readable = (value) => encodeURIComponent(value).replaceAll("%2F", "/").replaceAll("%3A", ":");

/** The place on screen, or null without a video. @param {State} state @returns {Place | null} */
export function placeOf({ video, playback, annotations }) {
  if (!video.open) return null;
  const { instance_id, region } = annotations;
  return { video_id: video.open.video_id, frame_idx: playback.frame_idx, instance_id, region };
}

/** Tell if going from one place to the other is worth a step of Back: another video, or a jump. @param {Place | null} from @param {Place} to */
export function isJump(from, to) {
  if (from === null) return false;
  if (from.video_id !== to.video_id) return true;
  if (from.frame_idx === null) return false; // the video has just been opened
  return Math.abs((to.frame_idx ?? 0) - from.frame_idx) > JUMP_FRAMES;
}

/** The instance and region of a place as far as the open video has them, else null. @param {State} state @param {Place} place */
export const pairThere = ({ annotations }, { instance_id, region }) => ({
  instance_id: annotations.instances.some((listed) => listed.instance_id === instance_id) ? instance_id : null,
  region: annotations.regions.some(({ name }) => name === region) ? region : null,
});

/** Names what a link leads to and the open video does not have; null if everything is there. @param {State} state @param {Place} place */
export function missingOf(state, place) {
  const { frame_idx, instance_id, region } = place;
  const last = Math.max(0, (state.video.open?.num_frames ?? 1) - 1);
  const there = pairThere(state, place);
  const missing = [
    frame_idx !== null && frame_idx > last && `frame ${frame_idx} (the last one is ${last})`,
    instance_id !== there.instance_id && `instance ${instance_id}`,
    region !== there.region && `the region ${region}`,
  ].filter(Boolean);
  return missing.length ? missing.join(" and ") : null;
}
