import assert from "node:assert/strict";
import { test } from "node:test";

import { trashCommands } from "../../static/js/commands/trash.js";
import { reduce } from "../../static/js/core/reducer.js";
import { Store } from "../../static/js/core/store.js";
import { droppedWords, itemFacts, trashSummary } from "../../static/js/core/trash.js";
import { openedState } from "./opened_state.js";

const ITEM = { trash_id: "v-1", kind: "instance", name: "2 · forceps", video_id: "v", bytes: 2_100_000, deleted_at: 0, client: "Anna", client_id: "anna", restorable: true, instance_id: 2 };
const LIST = { items: [ITEM], bytes: 2_100_000, days: 30, max_bytes: 20_000_000_000, dropped: [] };
const ANNA = { client_id: "anna", person_id: "", name: "Anna" };
const ME = { client_id: "me", person_id: "", name: "" };

test("a row says what, who, when and how large", () => {
  assert.equal(itemFacts(ITEM, () => "today"), "Instance of v · deleted by Anna · today · 2.1 MB");
  assert.equal(itemFacts({ ...ITEM, kind: "video", client: null }, () => "today"), "Video · deleted · today · 2.1 MB");
});

test("the foot counts, and names the bounds there are", () => {
  assert.equal(trashSummary(LIST), "1 thing, 2.1 MB. Kept for 30 days, up to 20 GB.");
  assert.equal(trashSummary({ ...LIST, days: 0, max_bytes: 0 }), "1 thing, 2.1 MB.");
  assert.equal(trashSummary({ ...LIST, items: [] }), "Nothing is in the trash.");
  assert.equal(trashSummary(null), "");
});

test("what was dropped is said with the reason", () => {
  const dropped = [{ trash_id: "a", name: "a.mp4", why: "older than 30 days" }];

  assert.equal(droppedWords({ ...LIST, dropped }), "No longer here: a.mp4 (older than 30 days).");
  assert.equal(droppedWords(LIST), "");
});

function page() {
  const store = new Store(reduce, openedState());
  const said = [];
  const none = async () => {};
  return { said, ...trashCommands({ store, toast: (words) => said.push(words), listVideos: none, openVideo: none, readExports: none, showExport: none }) };
}

test("what others delete here is told, with a way back", async () => {
  const { trashChanged, said } = page();
  await trashChanged({ action: "deleted", items: [ITEM], by: ANNA });

  assert.equal(said[0].message, "Anna deleted 2 · forceps.");
  assert.deepEqual([said[0].action, said[0].args], ["restoreTrashed", ["v-1"]]);
});

test("one's own deletion, another video's, and a deleted video are told elsewhere or not at all", async () => {
  const { trashChanged, said } = page();
  await trashChanged({ action: "deleted", items: [ITEM], by: ME });
  await trashChanged({ action: "deleted", items: [{ ...ITEM, video_id: "w" }], by: ANNA });
  await trashChanged({ action: "deleted", items: [{ ...ITEM, kind: "video" }], by: ANNA });
  assert.deepEqual(said, []);

  await trashChanged({ action: "restored", items: [{ ...ITEM, kind: "video", video_id: "w", name: "w.mp4" }], by: ANNA });
  assert.equal(said[0].message, "Anna brought back w.mp4.");
});

test("a video that came back is where its name belongs", () => {
  const video = (name) => ({ video_id: name, name, state: "ready" });
  const listed = reduce(openedState(), { type: "videos_listed", videos: [video("a.mp4"), video("c.mp4")] });
  const state = reduce(listed, { type: "video_progress", ...video("b.mp4") });

  assert.deepEqual(state.video.list.map(({ name }) => name), ["a.mp4", "b.mp4", "c.mp4"]);
});
