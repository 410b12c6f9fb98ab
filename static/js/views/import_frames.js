/** Small pictures of the frames an import changes, with its shapes on them. */

import { becomesWords, byFrame } from "../core/imports.js";
import { pairName } from "../core/pairs.js";
import { shownWidth } from "../core/pixel_aspect.js";
import { pairColour } from "../core/selectors.js";
import { el, follow, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const WIDTH_PX = 160;
const MOST_FRAMES = 60; // pictures; the counts are of all
const NEW = "#ffffff"; // of what has no instance yet
const DIM = "#9aa4b0"; // of what is left out

/** @param {{store: Store, commands: Commands, previews: any}} deps previews: the thumbnails of this view */
export function importFrames({ store, previews }) {
  const list = el("ul", { class: "import-frames", testid: "import-frames", attrs: { tabindex: "0" }, aria: { label: "Frames" } });
  const more = el("small", { class: "dim" });
  const root = el("section", { class: "frames", aria: { label: "Frames" } }, el("h2", {}, "Frames", more), list);
  const draw = () => {
    const { importing } = store.state.exchange;
    const video = store.state.video.open;
    const { dialog } = store.state.view;
    const items = importing?.report?.items ?? [];
    root.hidden = !items.length;
    if (root.hidden || !video || dialog !== "import") return;
    const all = byFrame(items);
    const shown = all.slice(0, MOST_FRAMES);
    const { frames } = importing.report.counts;
    setText(more, frames > shown.length ? `the first ${shown.length} of ${frames}` : "");
    previews.want(video.video_id, shown.map(({ frame_idx }) => ({ frame_idx, width: WIDTH_PX })));
    follow(list, shown, {
      key: ({ frame_idx }) => frame_idx,
      make: ({ frame_idx }) => el("li", { testid: "import-frame" }, el("canvas", { width: WIDTH_PX, height: Math.round((WIDTH_PX * video.height) / shownWidth(video)), attrs: { "aria-hidden": "true" } }), el("b", { class: "num", text: String(frame_idx) }), el("small")),
      update: (node, { frame_idx, items: here }) => {
        const words = becomesWords(here);
        setText(node.lastElementChild, words);
        node.title = `Frame ${frame_idx}: ${words}`;
        paint(node.firstElementChild, { bitmap: previews.get(video.video_id, frame_idx, WIDTH_PX), items: here, state: store.state });
      },
    });
  };
  previews.onReady(draw);
  store.watch((state) => [state.exchange.importing?.report, state.view.dialog === "import", state.annotations.instances], draw);
  return root;
}

function paint(canvas, { bitmap, items, state }) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (bitmap) context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { width, height } = state.video.open;
  /** @type {[number, number]} */
  const scale = [canvas.width / width, canvas.height / height];
  for (const item of items) shape(context, item, scale, colourOf(item.target, state));
}

function colourOf(target, state) {
  if (!target) return DIM;
  return target.instance_id === null ? NEW : pairColour(state, pairName(target.instance_id, target.region));
}

/** A box as it is, the box about a mask dashed, points as dots: hollow ones take away. */
function shape(context, { box, point, kind, becomes }, [wide, high], colour) {
  for (const [width, style] of [[4, "#000000a0"], [2, colour]]) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.setLineDash(kind === "mask" ? [5, 3] : []);
    if (box) context.strokeRect(box[0] * wide, box[1] * high, (box[2] - box[0]) * wide, (box[3] - box[1]) * high);
    if (point) {
      context.beginPath();
      context.arc(point[0] * wide, point[1] * high, 4, 0, 7);
      context.stroke();
      context.fillStyle = becomes === "negative point" ? "#000000" : style;
      context.fill();
    }
  }
}
