import assert from "node:assert/strict";
import { test } from "node:test";

import { absenceCommands } from "../../static/js/commands/absences.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { changed, KEY, openedState } from "./opened_state.js";

const mask = (fields) => ({ rev: 5, source: "propagated", run: 1, flags: [], ...fields });

/** The commands over a page on frame 3 with these masks; `sent` are the fields of its ops. */
function page(masks, ...actions) {
  const watched = [];
  const store = new Store(reduce, changed(openedState(...actions), { annotations: { masks: { "1/shaft": masks } } }));
  const sent = [];
  const said = [];
  const submit = (_, { frames, absent }) => {
    sent.push({ frames, absent });
    const is_long = frames[0][1] - frames[0][0] > 50;
    return { answer: Promise.resolve(is_long ? { frames: [], count: 0, job_id: "j" } : { frames, count: frames.length, job_id: null }) };
  };
  const deps = { store, ops: { submit }, toast: (words) => said.push(words), ensureInstance: async () => true, watchRepair: (job_id) => watched.push(job_id) };
  return { sent, said, watched, ...absenceCommands(deps) };
}

test("the key marks the frame on screen, and takes the mark back", async () => {
  const [fresh, marked] = [page({ 3: mask() }), page({ 3: mask({ absent: true }) })];

  await fresh.toggleAbsent();
  await marked.toggleAbsent();

  assert.deepEqual([fresh.sent, marked.sent], [[{ frames: [[3, 3]], absent: true }], [{ frames: [[3, 3]], absent: false }]]);
});

test("a range is marked as a whole; only where all of it is marked it is taken back", async () => {
  const range = { type: "range_changed", range: { start: 2, end: 4 } };
  const absent = mask({ absent: true });
  const [some, all] = [page({ 2: absent, 4: absent }, range), page({ 2: absent, 3: absent, 4: absent, 9: absent }, range)];

  await some.toggleAbsentRange();
  await all.toggleAbsentRange();

  assert.deepEqual([some.sent, all.sent], [[{ frames: [[2, 4]], absent: true }], [{ frames: [[2, 4]], absent: false }]]);
  assert.deepEqual(some.said[0].args, [{ key: KEY, frame_idx: 2 }]);
});

test("without a range the stretch is meant on which a run lost the object; anywhere else nothing is", async () => {
  const lost = mask({ flags: ["lost"], area: 0 });
  const [there, elsewhere] = [page({ 2: lost, 3: lost, 4: lost, 5: mask() }), page({ 3: mask(), 4: lost })];

  await there.toggleAbsentRange();
  await elsewhere.toggleAbsentRange();

  assert.deepEqual([there.sent, elsewhere.sent], [[{ frames: [[2, 4]], absent: true }], []]);
  assert.match(elsewhere.said[0].message, /Mark the range first/);
});

test("how the job of a long range ends is told as of a repair", async () => {
  const ada = page({}, { type: "range_changed", range: { start: 2, end: 90 } });

  await ada.toggleAbsentRange();

  assert.deepEqual([ada.sent, ada.watched, ada.said], [[{ frames: [[2, 90]], absent: true }], ["j"], []]);
});
