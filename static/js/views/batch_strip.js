/** The strip of a batch's items: number, picture, state; only those in view are in the page. */

import { currentItem, itemTitle, othersOn, STATE_ICONS } from "../core/batches.js";
import { el, follow, icon, setIcon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const TILE_PX = 60; // width, with its gap
const BESIDE = 6; // tiles drawn on either side of those in view

/** @param {any} root @param {{store: Store, commands: Commands, thumbnailUrl: (video_id: string) => Promise<string>}} deps */
export function mountBatchStrip(root, { store, commands, thumbnailUrl }) {
  const rail = el("div", { class: "batch-rail" });
  root.append(rail);
  const draw = () => drawTiles(root, rail, store.state, { commands, thumbnailUrl });
  const soon = oncePerFrame(draw);
  root.addEventListener("scroll", soon, { passive: true });
  new ResizeObserver(soon).observe(root);
  store.watch(
    (state) => [state.batches.open, state.video.opening ?? state.video.open?.video_id, state.session.client_id],
    soon,
  );
  store.watch(
    (state) => currentItem(state)?.item ?? null,
    (number) => number !== null && requestAnimationFrame(() => bringIntoView(root, number)),
  );
}

function oncePerFrame(act) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      act();
    });
  };
}

/** Keep the item and its neighbours in view. */
function bringIntoView(root, number) {
  const left = (number - 1) * TILE_PX;
  const isSeen = left - TILE_PX >= root.scrollLeft && left + 2 * TILE_PX <= root.scrollLeft + root.clientWidth;
  if (!isSeen) root.scrollLeft = left - root.clientWidth / 2 + TILE_PX / 2;
}

function drawTiles(root, rail, state, { commands, thumbnailUrl }) {
  const items = state.batches.open?.items ?? [];
  rail.style.width = `${items.length * TILE_PX}px`;
  const first = Math.max(0, Math.floor(root.scrollLeft / TILE_PX) - BESIDE);
  const last = Math.ceil((root.scrollLeft + root.clientWidth) / TILE_PX) + BESIDE;
  const current = currentItem(state);
  follow(rail, items.slice(first, last), {
    key: ({ video_id }) => video_id,
    make: () => tile(commands),
    update: (node, item) => update(node, item, { current, session: state.session, thumbnailUrl }),
  });
}

function tile(commands) {
  const node = el(
    "button",
    { class: "batch-tile", testid: "batch-tile", on: { click: () => commands.goToItem(Number(node.dataset.item)) } },
    el("span", { class: "thumb" }),
    el("b", { class: "num" }),
    el("i", { class: "batch-mark" }, icon("circle")),
    el("i", { class: "batch-person" }),
  );
  return node;
}

/** @param {any} node @param {import("../core/wire.js").BatchItem} item */
function update(node, item, { current, session, thumbnailUrl }) {
  const on = item === current;
  const title = itemTitle(session, item);
  node.dataset.item = item.item;
  node.dataset.state = item.state;
  node.style.left = `${(item.item - 1) * TILE_PX}px`;
  node.classList.toggle("on", on);
  node.toggleAttribute("data-rejected", item.rejected !== null);
  node.tabIndex = on ? 0 : -1;
  node.setAttribute("aria-current", String(on));
  node.setAttribute("aria-label", title);
  if (node.title !== title) node.title = title;
  setText(node.querySelector("b"), String(item.item));
  setIcon(node.querySelector(".batch-mark svg"), item.rejected === null ? STATE_ICONS[item.state] : "rotate-ccw");
  node.querySelector(".batch-person").hidden = !othersOn(session, item).length;
  if (item.extracted > 0) showPicture(node.firstElementChild, () => thumbnailUrl(item.video_id));
}

async function showPicture(place, source) {
  if (place.childElementCount) return;
  const image = el("img", { alt: "", width: 56, height: 36 });
  place.append(image);
  image.src = await source();
}
