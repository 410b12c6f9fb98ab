import assert from "node:assert/strict";
import { test } from "node:test";

import { confidenceOf, confidenceWords } from "../../static/js/core/confidence.js";
import { stripFrames, stripStep } from "../../static/js/core/filmstrip.js";
import { maskSpans, runsInView } from "../../static/js/core/mask_spans.js";
import { jumpCommands } from "../../static/js/commands/jumps.js";
import { playbackCommands } from "../../static/js/commands/playback.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { KEY, openedState } from "./opened_state.js";
import { followSpan, frameUnder, LABEL_PX, panSpan, RIGHT_PX, scaleOf, spanAround, zoomSpan } from "../../static/js/core/timespan.js";

const WIDTH = LABEL_PX + 1000 + RIGHT_PX;
const mask = (fields = {}) => ({ rev: 1, source: "propagated", score: 6, ...fields });
const many = (first, last, fields) =>
  Object.fromEntries(Array.from({ length: last - first + 1 }, (_, i) => [first + i, mask(fields)]));

test("zooming keeps what is under the pointer where it is, down to eight frames", () => {
  const closer = zoomSpan(null, 400, 4, 1000);
  const share = (span, at) => (at - span.from) / span.frames;

  assert.deepEqual(closer, { from: 300, frames: 250 });
  assert.equal(share(closer, 400), 0.4);
  assert.equal(zoomSpan(closer, 400, 1e6, 1000).frames, 8);
});

test("zoomed out far enough it is the whole video again, and never less", () => {
  assert.equal(zoomSpan({ from: 900, frames: 100 }, 950, 0.01, 1000), null);
  assert.deepEqual(zoomSpan({ from: 900, frames: 100 }, 1000, 0.5, 1000), { from: 800, frames: 200 });
  assert.equal(zoomSpan(null, 2, 3, 5), null);
});

test("panning ends at the ends of the video", () => {
  assert.deepEqual(panSpan({ from: 10, frames: 50 }, -30, 100), { from: 0, frames: 50 });
  assert.deepEqual(panSpan({ from: 10, frames: 50 }, 300, 100), { from: 50, frames: 50 });
  assert.equal(panSpan(null, 5, 100), null);
});

test("a frame that leaves the view is followed, with some room before it", () => {
  const span = { from: 100, frames: 50 };

  assert.equal(followSpan(span, 149, 1000), span);
  assert.deepEqual(followSpan(span, 150, 1000), { from: 106, frames: 50 });
  assert.deepEqual(followSpan(span, 99, 1000), { from: 94, frames: 50 });
  assert.equal(followSpan(null, 99, 1000), null);
});

test("a range is shown with room on both sides", () => {
  assert.deepEqual(spanAround(100, 179, 1000), { from: 90, frames: 100 });
  assert.equal(spanAround(0, 999, 1000), null);
});

test("the frame under the pointer and the place of a frame are each other's inverse", () => {
  const scale = scaleOf({ from: 200.5, frames: 20 }, 1000, WIDTH);

  assert.equal(scale.px, 50);
  for (const frame_idx of [201, 210, 219]) assert.equal(frameUnder(scale, scale.x(frame_idx + 0.5), 1000), frame_idx);
  assert.deepEqual([scale.first, scale.last], [200, 220]);
  assert.equal(frameUnder(scale, -1e6, 1000), 0);
});

test("a lane says who made the masks, how sure the model was, what is approved and what is missing", () => {
  const { bars, confidence, approved, gaps } = maskSpans({
    ...many(2, 4), ...many(5, 5, { source: "human", approved: true }), ...many(6, 7, { score: 1, approved: true }), ...many(9, 9, { stale: true, score: null }),
  });

  assert.deepEqual(bars.map(({ start, end, kind }) => [start, end, kind]), [[2, 4, "propagated"], [5, 5, "human"], [6, 7, "propagated"], [9, 9, "stale"]]);
  assert.deepEqual(confidence.map(({ start, end, kind }) => [start, end, kind]), [[2, 5, "sure"], [6, 7, "unsure"]]);
  assert.deepEqual(approved, [{ start: 5, end: 7, kind: "approved" }]);
  assert.deepEqual(gaps, [{ start: 8, end: 8, kind: "gap" }]);
});

test("object scores become a few levels, and words with a percentage", () => {
  assert.deepEqual([9, 4, 3.9, 1.9, -0.1, null, undefined].map(confidenceOf), ["sure", "sure", "fair", "unsure", "absent", null, null]);
  assert.equal(confidenceWords(5), "sure (99 %)");
  assert.equal(confidenceWords(-2), "object not seen (12 %)");
});

test("only runs in view are drawn, and of ten thousand not more than there are pixels for", () => {
  const alternating = Array.from({ length: 10000 }, (_, i) => ({ start: i, end: i }));
  const close = scaleOf({ from: 5000, frames: 10 }, 10000, WIDTH);

  assert.deepEqual(runsInView(alternating, close).map(({ start }) => start), [5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008, 5009]);
  assert.ok(runsInView(alternating, scaleOf(null, 10000, WIDTH)).length <= 1000);
  assert.equal(runsInView([{ start: 0, end: 9999 }], close).length, 1);
});

test("N says why it stopped, and only of the last stop", () => {
  const saved = [{ score: 1 }, {}, { score: 1, flags: ["lost"] }].map((fields, at) => ({ key: KEY, frame_idx: 10 + at, rev: 9, source: "propagated", run: 2, ...fields }));
  const store = new Store(reduce, openedState({ type: "mask_saved", saved }));
  const toast = (toast) => store.dispatch({ type: "toast_shown", toast: { id: toast.message, ...toast } });
  const { stepSuspect } = jumpCommands({ store, toast, ...playbackCommands({ store }) });
  const stops = [1, 2, 3].map(() => (stepSuspect(1), store.state.playback.frame_idx));

  assert.deepEqual(stops, [4, 10, 12]);
  assert.deepEqual(store.state.view.toasts.map(({ message }) => message), ["Frame 12, 1 shaft: lost."]);
});

test("the filmstrip shows round frames, the same ones after a little panning", () => {
  const frames = (from) => stripFrames(scaleOf({ from, frames: 100 }, 1000, WIDTH), 60, 1000).map(({ frame_idx }) => frame_idx);

  assert.deepEqual([1, 2.4, 3, 5, 7].map(stripStep), [1, 3, 3, 6, 8]);
  assert.ok(frames(100).slice(2).every((frame) => frames(104).includes(frame)));
  assert.ok(stripFrames(scaleOf(null, 10000, WIDTH), 60, 10000).length <= 17);
  assert.deepEqual(stripFrames(scaleOf(null, 1000, WIDTH), 60, 200).map(({ frame_idx }) => frame_idx), [0, 64, 128, 192]);
  assert.deepEqual(stripFrames(scaleOf(null, 0, WIDTH), NaN, 0), []);
});
