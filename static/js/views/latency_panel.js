/** Shows how long the last click took and where the time went, or its place in the model's queue. */

import { grouped, ordinal } from "../core/format.js";
import { queuePosition } from "../core/selectors.js";
import { byId, el, setText } from "./dom.js";
import { makePopover } from "./popover.js";

/** @import { Store } from "../core/store.js" */

const WORDS = {
  queue: "waiting for other clicks",
  encode: "reading the frame",
  decode: "drawing the mask",
  png: "packing the mask",
  network: "to the server and back",
  drawing: "putting it on screen",
};

/** @param {{store: Store}} deps */
export function mountLatency({ store }) {
  const chip = byId("latency");
  const panel = makePopover({
    label: "The last click, by part",
    testid: "latency-parts",
    class: "latency",
    fill: (root) => root.replaceChildren(el("h3", { text: "From the click to its mask on screen" }), table(store.state.session.latency)),
  });
  chip.addEventListener("click", () => store.state.session.latency && panel.toggle(chip));
  store.watch(
    (state) => [state.session.latency, queuePosition(state)],
    ([measured, position]) => {
      chip.hidden = !measured && !position;
      if (position) {
        setText(chip, `queued, ${position === 1 ? "next" : ordinal(position)}`);
        chip.title = "Saved. Other people's clicks come first; everybody takes turns.";
      } else if (measured) {
        setText(chip, `click ${grouped(measured.ms)} ms`);
        const parts = measured.parts.map(({ name, ms }) => `${name} ${ms.toFixed(1)} ms`);
        chip.title = ["From the click to its mask on screen:", ...parts].join("\n");
        panel.refresh();
      }
    },
  );
}

function table({ ms, parts }) {
  const longest = Math.max(1, ...parts.map((part) => part.ms));
  return el("div", { class: "parts" }, ...parts.map((part) => line(part, longest)), line({ name: "total", ms }, null));
}

function line({ name, ms }, longest) {
  const bar = el("span", { class: "bar thick", aria: { hidden: "true" } }, el("i"));
  if (longest) bar.firstElementChild.style.width = `${(100 * ms) / longest}%`;
  else bar.classList.add("none");
  return el(
    "div",
    { class: longest ? "part" : "part sum", testid: "latency-part", attrs: { "data-part": name } },
    el("b", { text: name }),
    el("small", { text: WORDS[name] ?? "" }),
    bar,
    el("span", { class: "num", text: `${ms < 10 ? ms.toFixed(1) : grouped(ms)} ms` }),
  );
}
