/** Keypoints of the frame on screen, while the keypoint tool is in hand. */

import { keypointsHere } from "../core/selectors.js";
import { el, follow, icon, kbd, setIcon, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, keys: (command: string) => string}} deps */
export function mountKeypointPanel(root, { store, commands, keys }) {
  const list = el("ul", { class: "keypoint-list", testid: "keypoint-list" });
  const empty = el("p", { class: "empty", text: "Click on the frame to add one." });
  const carry = el("button", {
    class: "ghost",
    testid: "keypoints-carry",
    title: `Carry the selected keypoint, else all of the instance, to the other frames, or over the range (${keys("carryKeypoints")})`,
    aria: { label: "Carry keypoints to the other frames" },
    on: { click: () => commands.carryKeypoints() },
  }, icon("arrow-left-right"));
  root.append(el("h2", {}, "Keypoints here ", kbd(keys("keypointTool")), el("span", { class: "h2-tools" }, carry)), list, empty);
  store.watch(
    (state) => [keypointsHere(state), state.view.tool, state.annotations.keypoint_id, state.video.open],
    ([here, tool, selected, video]) => {
      root.hidden = !video || (tool !== "keypoint" && here.length === 0);
      empty.hidden = here.length > 0;
      follow(list, here, {
        key: ({ instance_id, keypoint }) => `${instance_id}/${keypoint.keypoint_id}`,
        make: (item) => row(item, commands),
        update: (node, item) => update(node, item, selected),
      });
    },
  );
}

function row({ instance_id, keypoint: { keypoint_id } }, commands) {
  const name = el("button", {
    class: "keypoint-name",
    title: "Select; double click renames",
    on: {
      click: () => commands.selectKeypoint(keypoint_id),
      dblclick: () => commands.editName(keypoint_id, instance_id),
    },
  });
  const rename = {
    class: "ghost",
    title: "Rename (F2)",
    testid: "keypoint-rename",
    aria: { label: "Rename the keypoint" },
    on: { click: () => commands.editName(keypoint_id, instance_id) },
  };
  const occluded = {
    class: "ghost",
    testid: "keypoint-occluded",
    on: { click: (event) => commands.showKeypoint(keypoint_id, instance_id, event.currentTarget.ariaPressed === "true") },
  };
  const remove = {
    class: "ghost",
    title: "Delete",
    testid: "keypoint-delete",
    aria: { label: "Delete the keypoint" },
    on: { click: () => commands.removeKeypoint(keypoint_id, instance_id) },
  };
  return el(
    "li",
    { class: "keypoint", testid: "keypoint-row" },
    el("i", { class: "keypoint-dot" }),
    name,
    el("small", { class: "num" }),
    el("button", rename, icon("pencil")),
    el("button", occluded, icon("eye")),
    el("button", remove, icon("trash-2")),
  );
}

function update(node, { instance_id, colour, keypoint }, selected) {
  node.dataset.name = keypoint.name;
  node.classList.toggle("on", keypoint.keypoint_id === selected);
  node.style.setProperty("--pair", colour);
  setText(node.querySelector(".keypoint-name"), `${instance_id} · ${keypoint.name}`);
  const eye = node.querySelector("[data-testid=keypoint-occluded]");
  setIcon(eye.firstElementChild, keypoint.visible ? "eye" : "eye-off");
  eye.setAttribute("aria-pressed", String(!keypoint.visible));
  eye.setAttribute("aria-label", `${keypoint.name} is occluded`);
  eye.title = keypoint.visible ? "Visible; press if it is occluded (Shift+K)" : "Occluded; press if it is visible (Shift+K)";
  node.classList.toggle("occluded", !keypoint.visible);
  node.classList.toggle("derived", Boolean(keypoint.derived));
  const at = `${keypoint.x.toFixed(1)}, ${keypoint.y.toFixed(1)}`;
  const place = node.querySelector("small");
  setText(place, keypoint.derived ? "carried" : at);
  place.title = keypoint.derived ? `Carried here from another frame, to ${at}; move it to make it yours` : "";
}
