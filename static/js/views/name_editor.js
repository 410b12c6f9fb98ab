/** The text field for a keypoint's name, beside the keypoint. */

import { usedNames } from "../core/keypoint_names.js";
import { keypointsHere } from "../core/selectors.js";
import { toScreen } from "../core/viewport.js";
import { el } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {HTMLElement} root @param {{store: Store, commands: Commands, stage: any}} deps */
export function mountNameEditor(root, { store, commands, stage }) {
  const names = el("datalist", { id: "keypoint-names" });
  const field = el("input", {
    class: "name-editor",
    testid: "keypoint-editor",
    aria: { label: "Name of the keypoint" },
    attrs: { list: "keypoint-names", autocomplete: "off", spellcheck: "false" },
    maxLength: 200,
    hidden: true,
  });
  let naming = null;
  root.append(field, names);

  /** End once: hiding the field takes its focus, which would end it again. */
  const end = (name) => {
    const ended = naming;
    naming = null;
    if (ended) commands.renameKeypoint(ended.keypoint_id, ended.instance_id, name);
  };
  field.addEventListener("blur", () => end(field.value));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== "Escape") return;
    end(event.key === "Enter" ? field.value : "");
    root.focus({ preventScroll: true });
  });

  const open = (next) => {
    const found = keypointsHere(store.state).find((shown) => shown.keypoint.keypoint_id === next.keypoint_id);
    if (!found) return;
    naming = next;
    names.replaceChildren(...usedNames(store.state.annotations.keypoints).map((value) => el("option", { value })));
    const [x, y] = toScreen(stage.view, [found.keypoint.x, found.keypoint.y]);
    field.style.left = `${x + 10}px`;
    field.style.top = `${y - 14}px`;
    field.value = found.keypoint.name;
    field.hidden = false;
    field.focus({ preventScroll: true });
    field.select();
  };
  store.watch((state) => state.annotations.naming, (next) => {
    if (next) return open(next);
    naming = null;
    field.hidden = true;
  });
}
