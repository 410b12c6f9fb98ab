/** Approves what waits in the range: masks of the selected pair; pressed again its stale ones, then other pairs. */

import { doubtsIn, spansOf, waitingIn } from "../core/approvals.js";
import { boundRows } from "../core/bindings.js";
import { counted } from "../core/format.js";
import { splitPair } from "../core/pairs.js";
import { extentOf, isSet, rangeWords } from "../core/range.js";
import { currentPair, lanes } from "../core/selectors.js";

/** @import { State } from "../core/state.js" */
/** @import { Store } from "../core/store.js" */

/** @typedef {{pair: string, masks: any, frames: number[]}} Waiting */

const ABOUT = "approval"; // the next press goes on for as long as this message is there
const MESSAGE_MS = 12_000;
const STALE_OF_PAIR = 1;
const OTHER_PAIRS = 2;

/** @param {{store: Store, ops: any, toast: Function, keymap?: any[]}} deps */
export function approveRangeCommands({ store, ops, toast, keymap = [] }) {
  let presses = 0;
  /** @type {null | {place: string, step: number, sent: boolean}} */
  let last = null; // the press before this one; sent: its answer is not here yet

  /** The pair's masks in the range, or all of them without marks. */
  async function approveRange() {
    const { state } = store;
    const place = placeOf(state);
    if (place === null || (last?.sent && last.place === place)) return;
    const steps = stepsOf(state);
    const goes_on = last?.place === place && state.view.toasts.some(({ about }) => about === ABOUT);
    const step = goes_on ? nextStep(steps, last.step) : 0;
    const press = { place, step: step < 0 ? steps.length : step, sent: false };
    last = press;
    if (!steps[step]?.length) return say({ level: "info", message: nothingWords(state, step), hint: hintOf(steps, step) });
    press.sent = true;
    const changes = await approve(steps[step]);
    press.sent = false;
    if (changes.length) say({ level: "success", message: approvedWords(state, steps[step], { changes, step }), hint: hintOf(steps, step), action: "unapprove", args: [changes] });
  }

  const say = (words) => toast({ about: ABOUT, ms: MESSAGE_MS, ...words });

  /** @param {Waiting[]} waiting @returns {Promise<{key: any, seq: number, frames: number[][], count: number}[]>} what the server changed */
  async function approve(waiting) {
    const { video_id } = store.state.video.open;
    presses += 1; // undo takes back what one press approved
    const answers = waiting.map(async ({ pair, frames }) => {
      const key = { video_id, ...splitPair(pair) };
      const { seq, answer } = ops.submit("approve", { key, frames: spansOf(frames), approved: true }, { press: presses });
      const ack = await answer;
      return { key, seq, frames: ack.frames, count: ack.count ?? 0 };
    });
    return (await Promise.all(answers)).filter(({ count }) => count);
  }

  /** Return what one more press would approve. */
  function hintOf(steps, step) {
    const next = step < 0 ? -1 : nextStep(steps, step);
    if (next < 0) return "";
    const key = boundRows(keymap, store.state.view.keys).find(({ name }) => name === "approveRange")?.show[0] ?? "Once more";
    const count = steps[next].reduce((sum, { frames }) => sum + frames.length, 0);
    if (next === OTHER_PAIRS) return `${key} again approves all pairs: ${counted(count, "mask")} more.`;
    return `${counted(count, "stale mask")}${next === STALE_OF_PAIR ? "" : " of other pairs"} left out: ${key} again approves ${count === 1 ? "it" : "them"}, too.`;
  }

  return { approveRange };
}

/** The first step after one that has anything to approve, or -1. @param {Waiting[][]} steps @param {number} step */
const nextStep = (steps, step) => steps.findIndex((waiting, at) => at > step && waiting.length);

/** Names the selected pair and range: with another one the presses begin anew. @param {State} state */
function placeOf(state) {
  const pair = currentPair(state);
  const { open } = state.video;
  return open && pair ? [open.video_id, pair, rangeWords(state.playback.range)].join(" ") : null;
}

/**
 * Masks that wait, by the press that approves them: of the pair, its stale ones, of other pairs, their stale ones. Hidden
 * and locked pairs are not approved with the others.
 * @param {State} state @returns {Waiting[][]}
 */
function stepsOf(state) {
  const extent = extentOf(state.playback.range, state.video.open.num_frames);
  const locked = state.annotations.instances.filter((instance) => instance.locked).map(({ instance_id }) => instance_id);
  const all = lanes(state).map(({ pair, masks, active, hidden }) => ({ pair, masks, active, hidden, ...waitingIn(masks, extent) }));
  const own = all.filter(({ active }) => active);
  const others = all.filter(({ pair, active, hidden }) => !active && !hidden && !locked.includes(splitPair(pair).instance_id));
  const fresh = (list) => list.filter((each) => each.fresh.length).map(({ pair, masks, fresh: frames }) => ({ pair, masks, frames }));
  const stale = (list) => list.filter((each) => each.stale.length).map(({ pair, masks, stale: frames }) => ({ pair, masks, frames }));
  return [fresh(own), stale(own), fresh(others), stale(others)];
}

const whereWords = ({ playback: { range } }) => (isSet(range) ? `frames ${rangeWords(range)}` : "all frames");
const pairWords = (pair) => pair.replace("/", " ");

/** "48 masks of 1 shaft approved, all frames; 5 of them are flagged or unsure." */
function approvedWords(state, waiting, { changes, step }) {
  const total = changes.reduce((sum, { count }) => sum + count, 0);
  const doubts = waiting.reduce((sum, { masks, frames }) => sum + doubtsIn(masks, frames), 0);
  const whose = waiting.length === 1 ? pairWords(waiting[0].pair) : `${waiting.length} other pairs`;
  const tail = doubts ? `; ${doubts} of them flagged or unsure` : "";
  return `${counted(total, step % 2 ? "stale mask" : "mask")} of ${whose} approved, ${whereWords(state)}${tail}.`;
}

/** @param {State} state @param {number} step -1: after the last one */
const nothingWords = (state, step) =>
  step < 0 ? `Every mask is approved, ${whereWords(state)}.` : `No mask of ${pairWords(currentPair(state))} waits for approval, ${whereWords(state)}.`;
