/** Reads lists that came packed by column: runs of equal values, spans of frames, steps between numbers. */

import { inflated } from "./inflate.js";

/** @import { MaskFact } from "./wire.js" */
/** @typedef {import("./slices/annotations.js").Steps} Steps */

/** Each next value of `[value, count, value, count, …]`. @param {any[]} packed @returns {() => any} */
function runs(packed) {
  let at = -2;
  let left = 0;
  return () => {
    while (left === 0) {
      at += 2;
      left = packed[at + 1];
    }
    left -= 1;
    return packed[at];
  };
}

/** Each next number, where each is given by how much it is more than the one before. @param {number[]} packed @returns {() => number} */
function steps(packed) {
  let at = 0;
  let number = 0;
  return () => {
    number += packed[at];
    at += 1;
    return number;
  };
}

/** Each frame of spans [first, last]. @param {number[][]} spans @returns {number[]} */
export function framesOf(spans) {
  const frames = [];
  for (const [first, last] of spans) {
    for (let frame_idx = first; frame_idx <= last; frame_idx += 1) frames.push(frame_idx);
  }
  return frames;
}

/** A pair's masks by frame. @param {any} columns @returns {Record<number, MaskFact>} */
export function unpackedMasks({ frames, box, ...columns }) {
  const [rev, area, score] = [steps(columns.rev), steps(columns.area), steps(columns.score)];
  const [source, run, reason, flags] = [runs(columns.source), runs(columns.run), runs(columns.reason), runs(columns.flags)];
  const [stale, approved, rejected, absent] = [runs(columns.stale), runs(columns.approved), runs(columns.rejected), runs(columns.absent)];
  const [has_score, has_box] = [runs(columns.has_score), runs(columns.has_box)];
  const [x0, y0, x1, y1] = box.map(steps);
  /** @type {Record<number, MaskFact>} */
  const masks = {};
  for (const frame_idx of framesOf(frames)) {
    masks[frame_idx] = {
      rev: rev(),
      source: source(),
      score: has_score() ? score() / 1000 : null,
      area: area(),
      box: has_box() ? [x0(), y0(), x1(), y1()] : null,
      run: run(),
      stale: stale(),
      approved: approved(),
      rejected: rejected(),
      reason: reason(),
      flags: flags(),
      absent: absent(),
    };
  }
  return masks;
}

/** The steps of a pair's history by frame. @param {any} columns @returns {Record<number, Steps>} */
export function unpackedSteps({ frames, ...columns }) {
  const [undo, redo, undo_by, redo_by] = [columns.undo, columns.redo, columns.undo_by, columns.redo_by].map(runs);
  /** @type {Record<number, Steps>} */
  const history = {};
  for (const frame_idx of framesOf(frames)) history[frame_idx] = { undo: undo(), redo: redo(), undo_by: undo_by(), redo_by: redo_by() };
  return history;
}

/** The answer to open_video with the lists that came packed in it. @param {any} ack */
export function withLists({ packed, packed_from, ...ack }) {
  if (!packed) return ack;
  const text = new TextDecoder().decode(inflated(new Uint8Array(packed), packed_from));
  return { ...ack, ...JSON.parse(text) };
}
