/** Batches in the left panel, with the items of the open one beneath it; and the question whether dropped files are one. */

import { annotatedShare, annotatedWords, currentItem, isUnderWay, itemTitle, otherCounts, processingWords, STATE_ICONS } from "../core/batches.js";
import { counted } from "../core/format.js";
import { byId, el, follow, icon, setIcon, setName, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands}} deps */
export function mountBatchList({ store, commands }) {
  const list = byId("batches");
  const drawn = new WeakMap(); // the content of each item's row: of a thousand, few change at once
  store.watch(
    (state) => [state.batches.list, state.batches.open, state.batches.unfolded, state.batches.jobs, currentItem(state), state.session.client_id],
    ([batches, open, unfolded, jobs, current, client_id]) =>
      follow(list, batches ?? [], {
        key: ({ batch_id }) => batch_id,
        make: ({ batch_id }) => row(batch_id, commands),
        update: (node, batch) => {
          const isOpen = open?.batch_id === batch.batch_id;
          update(node, batch, { isOpen, unfolded, job: jobs[batch.batch_id] });
          follow(node.lastElementChild, isOpen && unfolded ? open.items : [], {
            key: ({ video_id }) => video_id,
            make: () => itemRow(commands),
            update: (item_node, item) => {
              const on = item === current;
              const shows = drawn.get(item_node);
              if (shows?.item === item && shows.on === on && shows.client_id === client_id) return;
              drawn.set(item_node, { item, on, client_id });
              updateItem(item_node, item, { on, session: store.state.session });
            },
          });
        },
      }),
  );
  mountDropped(byId("dropped"), { store, commands });
}

function row(batch_id, commands) {
  const button = el(
    "button",
    { class: "video", testid: "batch-open", on: { click: () => commands.chooseBatch(batch_id) } },
    el("span", { class: "thumb" }, icon("layers")),
    el("span", { class: "video-text" }, el("b", { class: "video-title" }), el("small", { class: "num" }), el("span", { class: "bar" }, el("i"))),
  );
  return el("li", { class: "batch-row", testid: "batch-row" }, button, el("ol", { class: "batch-items", testid: "batch-items" }));
}

function update(node, { name, counts, items, cutting }, { isOpen, unfolded, job }) {
  const button = node.firstElementChild;
  button.classList.toggle("on", isOpen);
  button.setAttribute("aria-expanded", String(isOpen && unfolded));
  setName(node.querySelector(".video-title"), name);
  const words = cutting ? "looking for scene cuts…" : items ? annotatedWords(counts) : "no items";
  const facts = isUnderWay(job) ? processingWords(job) : words;
  setText(node.querySelector("small"), facts);
  button.title = [name, facts, otherCounts(counts), isOpen ? "Press to fold its items" : "Press to open the batch"].filter(Boolean).join("\n");
  node.querySelector(".bar i").style.width = `${annotatedShare(counts)}%`;
}

function itemRow(commands) {
  const button = el("button", { class: "batch-item", on: { click: () => commands.goToItem(Number(button.dataset.item)) } }, icon("circle"), el("span", { class: "num" }), el("b", { class: "video-title" }));
  return el("li", {}, button);
}

/** @param {any} node @param {import("../core/wire.js").BatchItem} item @param {{on: boolean, session: any}} what  on: it is on screen */
function updateItem(node, item, { on, session }) {
  const button = node.firstElementChild;
  button.dataset.item = item.item;
  button.dataset.state = item.state;
  button.classList.toggle("on", on);
  button.setAttribute("aria-current", String(on));
  const title = itemTitle(session, item);
  if (button.title !== title) button.title = title;
  setIcon(button.firstElementChild, STATE_ICONS[item.state]);
  setText(button.children[1], String(item.item));
  setName(button.lastElementChild, item.name.split("/").at(-1)); // without its folder
}

/** Several files came at once: one batch, or separate videos. */
function mountDropped(root, { store, commands }) {
  const words = el("p", { attrs: { role: "status" } });
  const one = el("button", { class: "button small primary", testid: "dropped-batch", text: "One batch", on: { click: () => commands.batchDropped() } });
  const separate = el("button", { class: "button small", testid: "dropped-separate", text: "Separate videos", on: { click: () => commands.keepSeparate() } });
  root.append(words, el("div", { class: "dropped-ways" }, one, separate));
  store.watch(
    (state) => state.batches.dropped,
    (dropped) => {
      root.hidden = dropped === null;
      if (dropped === null) return;
      const isAsked = dropped.state === "asked";
      setText(words, isAsked ? `${counted(dropped.names.length, "file")}: one batch, or separate videos?` : `The batch of ${counted(dropped.names.length, "file")} opens when all are uploaded.`);
      words.title = dropped.names.join("\n");
      one.hidden = separate.hidden = !isAsked;
    },
  );
}
