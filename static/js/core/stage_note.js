/** The note at the foot of the stage: the next step, a problem, or the reason for waiting. */

import { brokenWords } from "./broken_video.js";
import { framesIn, maskCounts, total } from "./counts.js";
import { flagWords, lostAt } from "./flags.js";
import { counted, grouped } from "./format.js";
import { titleOf } from "./instance_names.js";
import { currentInstance, currentPair, isExtracted } from "./selectors.js";

/** @import { State } from "./state.js" */

const FEW_FRAMES = 3; // prompted frames; who has made more needs no hint

/** @typedef {{kind: "hint" | "wait" | "flag" | "stale" | "hidden", text: string, key?: string, then?: string}} Note key: a row of the keymap; then: words after it */

const note = (kind, text, key, then) => ({ kind, text, key, then });

/** @param {State} state @returns {Note | null} */
export const noteOf = (state) => waitOf(state) ?? hiddenOf(state) ?? hintOf(state) ?? absentOf(state) ?? flagOf(state) ?? staleOf(state);

function waitOf(state) {
  const { open: video, opening } = state.video;
  const { frame_idx } = state.playback;
  if (!video) return opening ? note("wait", "Opening the video…") : null;
  const broken = brokenWords(state);
  if (broken) return note("flag", `${broken.message} ${broken.hint}`.trim());
  if (isExtracted(state, frame_idx)) return null;
  const done = `${grouped(video.extracted)} of ${grouped(video.num_frames)}`;
  return note("wait", `Frame ${frame_idx} is not extracted yet; ${done} are. It appears by itself.`);
}

/** Clicks on hidden masks would seem to do nothing. */
function hiddenOf(state) {
  if (state.playback.drawn_idx === null || !state.video.open) return null;
  const instance = currentInstance(state);
  if (state.view.masks_hidden) return note("hidden", "Masks are hidden.", "toggleMasks");
  if (instance?.hidden) return note("hidden", `${titleOf(instance)} is hidden: the eye in its row shows it.`);
  const region = state.annotations.regions.find((listed) => listed.name === state.annotations.region);
  return region?.hidden ? note("hidden", `${region.label} is hidden: the eye in its row shows it.`) : null;
}

const FIRST = {
  click: "Click on an object: left adds, right removes.",
  box: "Drag a box around an object.",
  brush: "Paint over an object: left paints, right erases.",
  eraser: "There is nothing to erase yet: left click with the brush paints.",
  polygon: "Click the corners of an object; Enter closes.",
  keypoint: "Click where a named point belongs.",
};

function hintOf(state) {
  if (state.playback.drawn_idx === null || !state.video.open || state.playback.playing) return null;
  const prompted = total(state.annotations.prompts, (frames) => framesIn(frames).length);
  if (prompted > FEW_FRAMES) return null;
  const counts = Object.values(state.annotations.masks).map(maskCounts);
  if (!state.annotations.ops.length && !prompted && !counts.some(({ masks }) => masks)) return note("hint", FIRST[state.view.tool], "showHelp", "all keys");
  const isFirst = prompted > 0 && !counts.some(({ tracked }) => tracked);
  if (!isFirst || Object.keys(state.jobs.by_id).length) return null;
  const here = state.annotations.masks[currentPair(state)]?.[state.playback.drawn_idx];
  if (here) return note("hint", "Wrong somewhere? Click there. Right? Carry it through the video:", "propagate");
  return note("hint", `${counted(prompted, "frame")} with prompts. Carry the masks through the video:`, "propagate");
}

function absentOf(state) {
  if (state.playback.playing || state.playback.drawn_idx === null) return null;
  const mask = state.annotations.masks[currentPair(state)]?.[state.playback.drawn_idx];
  return mask?.absent ? note("hint", `Marked absent: ${currentPair(state).replace("/", " ")} is not on this frame.`, "toggleAbsent") : null;
}

/** A run renews what a run made; of what a person made only the next click does. */
function staleOf(state) {
  const mask = state.annotations.masks[currentPair(state)]?.[state.playback.drawn_idx];
  if (!mask?.stale || state.playback.playing) return null;
  if (mask.run === null) return note("stale", "stale: another model drew it; a click draws it again");
  return note("stale", "stale:", "propagate", "runs it again");
}

function flagOf(state) {
  if (state.playback.playing || state.playback.drawn_idx === null) return null;
  const masks = state.annotations.masks[currentPair(state)] ?? {};
  const flags = masks[state.playback.drawn_idx]?.flags ?? [];
  if (!flags.length) return null;
  const words = `${flags.map(flagWords).join(", ")}: a click here corrects it`;
  const lost = lostAt(masks, state.playback.drawn_idx);
  return lost ? note("flag", `${words}. Gone from ${lost.start} to ${lost.end}? Mark it absent:`, "toggleAbsentRange") : note("flag", words);
}
