/** The list of videos in the left panel, with their progress. */

import { listedVideos } from "../core/batches.js";
import { counted, grouped, percent } from "../core/format.js";
import { liveCounts } from "../core/selectors.js";
import { byId, el, follow, icon, setName, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const DOUBLE_CLICK_MS = 600;

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, thumbnailUrl: (video_id: string) => Promise<string>}} deps */
export function mountVideoList(root, { store, commands, thumbnailUrl }) {
  const list = byId("videos");
  const search = byId("search");
  const remove = deletedOnce(commands);
  listenToSearch(search, { store, commands });
  listenToArrows(search, list);
  store.watch(
    (state) => [state.video.list, state.video.search, state.video.open?.video_id ?? state.video.opening, state.video.uploads.length, liveCounts(state), state.batches.list],
    ([videos, text, open, uploads, live]) => {
      byId("search-field").hidden = !videos?.length;
      if (videos) search.placeholder = `Search ${counted(videos.length, "video")}`;
      const found = listedVideos(store.state);
      follow(list, found, {
        key: (video) => video.video_id,
        make: (video) => row(video, commands, remove),
        update: (node, video) => update(node, fresh(video, live), { open, thumbnailUrl }),
      });
      showEmpty({ videos, found, uploads, text });
    },
  );
}

/** Enter opens the first video found, Escape ends the search; either hands the keys back to the stage. */
function listenToSearch(search, { store, commands }) {
  search.addEventListener("input", () => commands.searchVideos(search.value));
  search.addEventListener("keydown", ({ key }) => {
    if (key !== "Enter" && key !== "Escape") return;
    const [first] = listedVideos(store.state);
    if (key === "Enter" && first) commands.openVideo(first.video_id);
    if (key === "Escape") commands.searchVideos((search.value = ""));
    commands.focusStage();
  });
}

/** Down leaves the search for the list; there the arrows go from video to video. */
function listenToArrows(search, list) {
  const step = (event, from) => {
    const all = [...list.querySelectorAll(".video")];
    const next = all[all.indexOf(from) + (event.key === "ArrowDown" ? 1 : -1)] ?? (from ? search : null);
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
  };
  search.addEventListener("keydown", (event) => event.key === "ArrowDown" && step(event, null));
  list.addEventListener("focusout", ({ relatedTarget }) => {
    if (!list.contains(relatedTarget)) delete list.dataset.walked;
  });
  list.addEventListener("focusin", ({ relatedTarget }) => relatedTarget === search && (list.dataset.walked = ""));
  list.addEventListener("keydown", (event) => {
    const on_video = "walked" in list.dataset && event.target.matches(".video");
    if (on_video && ["ArrowDown", "ArrowUp"].includes(event.key)) step(event, event.target);
  });
}

const fresh = (video, live) =>
  live?.video_id === video.video_id ? { ...video, counts: live.counts } : video;

function row({ video_id }, commands, remove) {
  const button = el(
    "button",
    { class: "video", on: { click: () => commands.openVideo(video_id) } },
    el("span", { class: "thumb" }, icon("film")),
    el(
      "span",
      { class: "video-text" },
      el("b", { class: "video-title" }),
      el("small", { class: "video-facts" }),
      el("small", { class: "video-note", testid: "video-note" }),
      el("span", { class: "bar" }, el("i")),
    ),
  );
  const again = {
    class: "ghost video-again",
    testid: "video-again",
    title: "Try again to read this video",
    on: { click: () => commands.extractAgain(video_id) },
  };
  const bin = {
    class: "ghost video-delete",
    testid: "video-delete",
    on: { click: (event) => remove(video_id, event) },
  };
  return el("li", { class: "video-row", testid: "video-item" }, button, el("button", again, icon("rotate-ccw")), el("button", bin, icon("trash-2")));
}

/** The next video slides under the pointer: the second half of a double click must not delete it too. */
function deletedOnce(commands) {
  let deleted_at_ms = -Infinity;
  return (video_id, { detail, timeStamp }) => {
    const is_second = detail > 0 && timeStamp - deleted_at_ms < DOUBLE_CLICK_MS;
    if (is_second) return;
    deleted_at_ms = timeStamp;
    commands.removeVideo(video_id);
  };
}

function update(node, video, { open, thumbnailUrl }) {
  const button = node.firstElementChild;
  const chosen = video.video_id === open;
  node.dataset.videoId = video.video_id;
  node.dataset.state = video.state;
  button.classList.toggle("on", chosen);
  button.setAttribute("aria-current", String(chosen));
  button.title = video.error ? `${video.error.message} ${video.error.hint}` : [video.name, video.note].filter(Boolean).join("\n");
  setName(node.querySelector(".video-title"), video.name);
  const again = node.querySelector(".video-again");
  again.hidden = video.state !== "failed";
  again.setAttribute("aria-label", `Try again to read ${video.name}`);
  const remove = node.lastElementChild;
  remove.title = "Delete; can be undone";
  remove.setAttribute("aria-label", `Delete ${video.name}`);
  setText(node.querySelector(".video-facts"), facts(video));
  const note = node.querySelector(".video-note");
  const words = (video.state === "failed" && video.error?.hint) || video.note;
  note.hidden = !words;
  setText(note, words ?? "");
  node.querySelector(".bar i").style.width = `${share(video)}%`;
  if (node.dataset.version !== video.version) node.querySelector(".thumb").replaceChildren(icon("film"));
  node.dataset.version = video.version ?? "";
  if (video.extracted > 0) showThumb(node.querySelector(".thumb"), () => thumbnailUrl(video.video_id));
}

/** Once there is a frame; until then an icon holds its place. */
function showThumb(place, source) {
  if (place.querySelector("img")) return;
  const image = el("img", { alt: "", width: 56, height: 36, loading: "lazy" });
  place.replaceChildren(image);
  whenSeen(place, async () => (image.src = await source()));
}

/** Rows far down the list ask for nothing. */
function whenSeen(place, then) {
  const watch = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    then();
  });
  watch.observe(place);
}

/** The first instance is made with the video: until it holds something, the video was only looked at. */
const isUntouched = (counts) => !counts?.instances || (counts.instances === 1 && !counts.masks && !counts.prompted_frames);

/** Say what is wrong with a file, without the name that stands above it. @param {any} video */
const whatIsWrong = ({ name, error }) => (error?.message ?? "cannot be read").replace(name, "").trim();

function facts({ state, extracted, num_frames, counts, ...video }) {
  if (state === "failed") return whatIsWrong(video);
  if (state === "new") return `${counted(num_frames, "frame")} · new`;
  if (state === "extracting") return `extracting ${grouped(extracted)} / ${grouped(num_frames)}`;
  if (isUntouched(counts)) return counted(num_frames, "frame");
  const prompted = counts.prompted_frames ? ` · ${grouped(counts.prompted_frames)} prompted` : "";
  const masks = counts.masks ? ` · ${counted(counts.masks, "mask")}` : prompted;
  return `${counted(counts.instances, "instance")}${masks}`;
}

function share({ state, extracted, num_frames, counts }) {
  if (state !== "ready") return percent(extracted, num_frames);
  const pairs = Math.max(1, counts?.instances ?? 1);
  return counts?.masks ? percent(counts.masks / pairs, num_frames) : 0;
}

function showEmpty({ videos, found, uploads, text }) {
  const empty = byId("videos-empty");
  empty.hidden = videos === null || found.length > 0 || uploads > 0 || (videos.length > 0 && !text.trim());
  setText(empty, videos?.length ? "No video has this name." : "No videos yet.");
}
