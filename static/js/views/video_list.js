/** The left panel: uploads on their way, videos, how far each one is. */

import { counted, grouped, percent } from "../core/format.js";
import { liveCounts } from "../core/selectors.js";
import { byId, el, follow, setText } from "./dom.js";

/** @param {HTMLElement} root @param {{store: any, commands: any, thumbnailUrl: (video_id: string) => string}} deps */
export function mountVideoList(root, { store, commands, thumbnailUrl }) {
  const list = byId("videos");
  const search = byId("search");
  search.addEventListener("input", () => commands.searchVideos(search.value));
  store.watch(
    (state) => [state.videos, state.search, state.video?.video_id ?? state.opening, state.uploads.length, liveCounts(state)],
    ([videos, text, open, uploads, live]) => {
      byId("search-field").hidden = !videos?.length;
      if (videos) search.placeholder = `Search ${counted(videos.length, "video")}`;
      const found = (videos ?? []).filter((one) => matches(one, text));
      follow(list, found, {
        key: (video) => video.video_id,
        make: (video) => row(video, commands),
        update: (node, video) => update(node, fresh(video, live), { open, thumbnailUrl }),
      });
      showEmpty({ videos, found, uploads });
    },
  );
}

const fresh = (video, live) =>
  live?.video_id === video.video_id ? { ...video, counts: live.counts } : video;

const matches = ({ name }, text) => name.toLowerCase().includes(text.trim().toLowerCase());

function row({ video_id }, commands) {
  const button = el(
    "button",
    { class: "video", on: { click: () => commands.openVideo(video_id) } },
    el("img", { class: "thumb", alt: "", width: 56, height: 34, loading: "lazy" }),
    el(
      "span",
      { class: "video-text" },
      el("b", { class: "video-title" }),
      el("small", { class: "video-facts" }),
      el("span", { class: "bar" }, el("i")),
    ),
  );
  return el("li", { testid: "video-item" }, button);
}

function update(node, video, { open, thumbnailUrl }) {
  const button = node.firstElementChild;
  const chosen = video.video_id === open;
  node.dataset.videoId = video.video_id;
  node.dataset.state = video.state;
  button.classList.toggle("on", chosen);
  button.setAttribute("aria-current", String(chosen));
  button.title = video.error ? `${video.error.message} ${video.error.hint}` : video.name;
  setText(node.querySelector(".video-title"), video.name);
  setText(node.querySelector(".video-facts"), facts(video));
  node.querySelector(".bar i").style.width = `${share(video)}%`;
  const thumb = node.querySelector("img");
  if (video.extracted > 0 && !thumb.src) thumb.src = thumbnailUrl(video.video_id);
}

function facts({ state, extracted, num_frames, counts, error }) {
  if (state === "failed") return error?.message ?? "cannot be read";
  if (state === "new") return `${counted(num_frames, "frame")} · not opened yet`;
  if (state === "extracting") return `extracting ${grouped(extracted)} / ${grouped(num_frames)}`;
  if (!counts?.instances) return counted(num_frames, "frame");
  const prompted = counts.prompted_frames ? ` · ${grouped(counts.prompted_frames)} prompted` : "";
  const masks = counts.masks ? ` · ${counted(counts.masks, "mask")}` : prompted;
  return `${counted(counts.instances, "instance")}${masks}`;
}

function share({ state, extracted, num_frames, counts }) {
  if (state !== "ready") return percent(extracted, num_frames);
  const pairs = Math.max(1, counts?.instances ?? 1);
  return counts?.masks ? percent(counts.masks / pairs, num_frames) : 0;
}

function showEmpty({ videos, found, uploads }) {
  const empty = byId("videos-empty");
  empty.hidden = videos === null || found.length > 0 || uploads > 0;
  setText(empty, videos?.length ? "No video has this name." : "No videos yet.");
}
