import assert from "node:assert/strict";
import { test } from "node:test";

import { rgb, shade } from "../../static/js/core/colour.js";
import { brief, byteSize, counted, frameRate, grouped, inSentence, ordinal, percent, splitName, timecode, timeLeft } from "../../static/js/core/format.js";
import { suggestName, usedNames } from "../../static/js/core/keypoint_names.js";
import { rulerStep } from "../../static/js/core/ruler.js";
import { maskSpans } from "../../static/js/core/mask_spans.js";
import { Lru } from "../../static/js/core/lru.js";
import { outline } from "../../static/js/core/outline.js";
import { framesWanted } from "../../static/js/core/prefetch.js";
import { INITIAL_STATE } from "../../static/js/core/state.js";
import { changed } from "./opened_state.js";

test("times are read as people write them", () => {
  assert.equal(timecode(16.0834), "00:16.083");
  assert.equal(timecode(3661.5), "01:01:01.500");
  assert.deepEqual([59.6, 3599, 3600, 7260, Infinity, undefined].map(timeLeft), ["1:00 left", "59:59 left", "1 h 0 min left", "2 h 1 min left", "", ""]);
  assert.deepEqual([-1, 59.9996].map(timecode), ["00:00.000", "01:00.000"]);
  assert.deepEqual([0.2, 12.4, 150, 3900, null].map(timeLeft), ["1 s left", "12 s left", "2:30 left", "1 h 5 min left", ""]);
});

test("numbers are grouped, shortened and counted", () => {
  assert.equal(grouped(1234567), "1\u2009234\u2009567");
  assert.deepEqual([999, 1234, 12400].map(brief), ["999", "1.2k", "12k"]);
  assert.deepEqual([1000, 9949, 9950].map(brief), ["1.0k", "9.9k", "10k"]);
  assert.deepEqual([counted(1, "mask"), counted(2, "mask")], ["1 mask", "2 masks"]);
  assert.deepEqual([512, 1.5e6, 23e9].map(byteSize), ["512 B", "1.5 MB", "23 GB"]);
  assert.deepEqual([7, 1000, 9_960_000, 10e6, 4e16].map(byteSize), ["7 B", "1.0 KB", "10.0 MB", "10 MB", "40000 TB"]);
  assert.deepEqual([29.97, 30, 23.97602].map(frameRate), ["29.97 fps", "30 fps", "23.98 fps"]);
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 102].map(ordinal), ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd"]);
  assert.deepEqual([percent(1, 4), percent(5, 4), percent(1, 0)], [25, 100, 0]);
});

test("regions are shades of the instance's hue", () => {
  assert.equal(shade("#f2a33a", 0), "#f2a33a");
  assert.equal(new Set([0, 1, 2, 3].map((at) => shade("#f2a33a", at))).size, 4);
  assert.deepEqual(rgb("nonsense"), [136, 136, 136]);
});

test("neighbouring masks of one kind are one bar", () => {
  const mask = (source, stale = false) => ({ source, stale });
  const masks = { 0: mask("human"), 1: mask("propagated"), 2: mask("propagated"), 4: mask("propagated"), 5: mask("propagated", true) };

  assert.deepEqual(maskSpans(masks).bars, [
    { start: 0, end: 0, kind: "human" },
    { start: 1, end: 2, kind: "propagated" },
    { start: 4, end: 4, kind: "propagated" },
    { start: 5, end: 5, kind: "stale" },
  ]);
});

test("ruler marks leave room for their numbers", () => {
  assert.equal(rulerStep(200, 840), 20);
  assert.equal(rulerStep(10000, 840), 1000);
});

test("the outline of one pixel is its four edges", () => {
  const edges = [...outline(Uint8Array.from([0, 0, 0, 0, 1, 0, 0, 0, 0]), 3, 3)];

  assert.deepEqual(edges, [1, 1, 2, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 1, 2, 2]);
});

test("a full mask is outlined along the border, a hole inside it too", () => {
  const length = (segments) => {
    let sum = 0;
    for (let i = 0; i < segments.length; i += 4) sum += segments[i + 2] - segments[i] + segments[i + 3] - segments[i + 1];
    return sum;
  };
  const full = new Uint8Array(20).fill(255);
  const holed = full.slice();
  holed[7] = 0;

  assert.equal(length(outline(full, 5, 4)), 18);
  assert.equal(length(outline(holed, 5, 4)), 22);
});

test("a cache drops what was used longest ago, and says so", () => {
  const dropped = [];
  const cache = new Lru({ limit: 3, weigh: (value) => value.length, drop: (value) => dropped.push(value) });
  cache.set("a", "1");
  cache.set("b", "2");
  cache.get("a");
  cache.set("c", "33");

  assert.deepEqual(dropped, ["2"]);
  assert.equal(cache.get("a"), "1");
});

test("a new keypoint gets the next name in use, then a number", () => {
  const keypoints = { 1: [{ frame_idx: 0, name: "tip" }, { frame_idx: 0, name: "hinge" }, { frame_idx: 4, name: "tip" }] };

  assert.deepEqual(usedNames(keypoints), ["tip", "hinge"]);
  assert.equal(suggestName(keypoints, 1, 4), "hinge");
  assert.equal(suggestName(keypoints, 1, 0), "point_1");
  assert.equal(suggestName(keypoints, 2, 0), "tip");
});

test("frames are loaded ahead in the direction of travel, never beyond what is extracted", () => {
  const video = { num_frames: 100, extracted: 12, state: "extracting" };
  const base = changed(INITIAL_STATE, { video: { open: video }, playback: { frame_idx: 10 } });

  assert.deepEqual(framesWanted(base), [10, 11, 9, 8]);
  assert.deepEqual(framesWanted(changed(base, { playback: { heading: -1 } })), [10, 9, 8, 7, 11]);
  assert.deepEqual(framesWanted(changed(base, { playback: { scrubbing: true } })), [10]);
});

test("a long name leaves room for what is said of it, and keeps its end", () => {
  assert.deepEqual(splitName("1234567890123456"), ["1234567890123456", ""]);
  assert.deepEqual(splitName("12345678901234567"), ["12345", "678901234567"]);
  assert.deepEqual([60, 61].map((length) => inSentence("x".repeat(length)).length), [60, 60]);
  assert.equal(inSentence("3 · needle holder"), "3 · needle holder");
  const said = inSentence(`${"suturing_".repeat(20)}part_07.mp4`);
  assert.deepEqual([said.length, said.endsWith("…_part_07.mp4")], [60, true]);
});
