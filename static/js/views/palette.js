/** Tools, and the line below the picture: the selected pair, what a click does, zoom and opacity. */

import { clickWords } from "../core/click_words.js";
import { titleOf } from "../core/instance_names.js";
import { currentInstance, currentPair, pairColour } from "../core/selectors.js";
import { byId, el, icon, kbd, setIcon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const TOOLS = [
  { tool: "click", icon: "mouse-pointer-click", label: "Click", command: "clickTool" },
  { tool: "box", icon: "square-dashed", label: "Box", command: "boxTool" },
  { tool: "brush", icon: "brush", label: "Brush", command: "brushTool" },
  { tool: "eraser", icon: "eraser", label: "Eraser", command: "eraserTool" },
  { tool: "polygon", icon: "pentagon", label: "Polygon", command: "polygonTool" },
  { tool: "keypoint", icon: "map-pin", label: "Keypoints", command: "keypointTool" },
];
/** @param {HTMLElement} root @param {{store: Store, commands: Commands, keys: (command: string) => string}} deps */
export function mountPalette(root, deps) {
  const { store, commands, keys } = deps;
  const buttons = TOOLS.map((row) => toolButton(row, commands, keys));
  const sign = el("button", {
    class: "tool sign",
    testid: "sign",
    on: { click: () => commands.swapLabel() },
  });
  root.append(...buttons, el("hr"), sign);
  store.watch((state) => state.video.open === null, (none) => (root.hidden = none));
  store.watch((state) => state.view.tool, (tool) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    byId("stage").dataset.tool = tool;
  });
  store.watch(signOf, (label) => {
    sign.dataset.label = label;
    sign.replaceChildren(icon(label ? "plus" : "minus"), el("s", { text: "X" }));
    sign.title = `Left button: ${label ? "adds" : "removes"} (X swaps)`;
    sign.setAttribute("aria-label", sign.title);
  });
  mountNow(byId("now"), store);
  mountHud(byId("hud"), deps);
}

/** The brush and the eraser have a sign of their own. */
const signOf = ({ view }) => ({ brush: 1, eraser: 0 })[view.tool] ?? view.label;

function toolButton({ tool, icon: name, label, command }, commands, keys) {
  const props = {
    class: "tool",
    testid: `mode-${tool}`,
    title: `${label} (${keys(command)})`,
    aria: { label },
    attrs: { "data-tool": tool },
    on: { click: () => commands.chooseTool(tool) },
  };
  return el("button", props, icon(name), el("s", { text: keys(command), attrs: { "data-row": command } }));
}

function mountNow(root, store) {
  const name = el("b");
  const sign = el("i", { class: "sign-mark" });
  const hint = el("span");
  root.append(el("i", { class: "swatch-dot" }), name, sign, hint);
  store.watch(
    (state) => [currentPair(state), state.annotations.instances, state.view.tool, state.view.label, state.annotations.regions, state.view.click_does, state.view.hovered, state.session.access],
    ([pair, , tool]) => {
      const { state } = store;
      root.hidden = !pair;
      if (!pair) return;
      root.style.setProperty("--pair", pairColour(state, pair));
      const instance = currentInstance(state);
      setText(name, tool === "keypoint" && instance ? titleOf(instance) : `${state.annotations.instance_id} · ${state.annotations.region}`);
      const { sign: mark, words } = clickWords(state);
      sign.dataset.does = state.view.click_does ?? "";
      setText(sign, mark);
      setText(hint, words);
    },
  );
}

const STYLES = {
  both: { icon: "contrast", words: "fill and outline" },
  outline: { icon: "circle", words: "outline" },
  fill: { icon: "circle", words: "fill" },
};

function styleButton(store, commands, keys) {
  const mark = icon("contrast");
  const props = { class: "chip", testid: "mask-style", on: { click: () => commands.nextMaskStyle() } };
  const button = el("button", props, mark, kbd(keys("nextMaskStyle")));
  store.watch(({ view }) => view.mask_style, (style) => {
    const { icon: name, words } = STYLES[style] ?? STYLES.both;
    setIcon(mark, name);
    button.dataset.style = style;
    button.title = `Masks as ${words} (${keys("nextMaskStyle")} changes)`;
    button.setAttribute("aria-label", button.title);
  });
  return button;
}

/** A slider from 0 to 100 with its number. @param {string} testid @param {string} label @param {(percent: number) => void} set */
function percentSlider(testid, label, set) {
  const slider = el("input", { type: "range", min: 0, max: 100, step: 1, testid, aria: { label }, on: { input: () => set(Number(slider.value)) } });
  const value = el("span", { class: "num" });
  const show = (percent) => {
    slider.value = percent;
    setText(value, String(percent));
  };
  return { slider, value, show };
}

function mountHud(root, { store, commands, keys }) {
  const zoom = el("button", {
    class: "chip num",
    testid: "zoom",
    title: `Fit (${keys("fit")})`,
    on: { click: () => commands.fit() },
  });
  const own = percentSlider("opacity", "Opacity of the masks", commands.setAlpha);
  const opacity = el("label", { class: "chip", title: `Opacity (${keys("lessOpaque")} and ${keys("moreOpaque")})` }, "opacity", own.slider, own.value);
  const rest = percentSlider("others-opacity", "Opacity of the other pairs, of the selected one's", commands.setOthersAlpha);
  const others = el("label", { class: "chip others", title: `Opacity of the other pairs (${keys("othersLessOpaque")} and ${keys("othersMoreOpaque")})` }, "others", rest.slider);
  const eye = icon("eye");
  const hide = el(
    "button",
    { class: "chip", testid: "hide-masks", title: "Hide masks (H; hold to peek)", on: { click: () => commands.toggleMasks() } },
    eye,
    kbd(keys("toggleMasks")),
  );
  root.append(zoom, opacity, others, styleButton(store, commands, keys), hide);
  store.watch((state) => state.video.open === null, (none) => (root.hidden = none));
  store.watch((state) => state.view.zoom, (scale) => setText(zoom, Number.isFinite(scale) ? `${Math.round(scale * 100)} %` : "–"));
  store.watch((state) => state.view.alpha, own.show);
  store.watch((state) => state.view.others_alpha, rest.show);
  store.watch((state) => state.view.masks_hidden, (hidden) => {
    setIcon(eye, hidden ? "eye-off" : "eye");
    hide.setAttribute("aria-pressed", String(hidden));
    hide.setAttribute("aria-label", hidden ? "Show masks" : "Hide masks");
  });
}
