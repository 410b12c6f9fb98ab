/** Uploads under way, and the two ways in: drop and choose. */

import { byteSize, percent } from "../core/format.js";
import { byId, el, follow, icon, setName, setText } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {HTMLElement} root @param {{store: Store, commands: Commands}} deps */
export function mountUploads(root, { store, commands }) {
  mountChooser(commands);
  mountDrop(commands);
  store.watch(
    (state) => state.video.uploads,
    (uploads) =>
      follow(byId("uploads"), uploads, {
        key: (upload) => upload.id,
        make: (upload) => row(upload, commands),
        update,
      }),
  );
}

/** @param {import("../core/slices/video.js").Upload} upload @param {any} commands */
function row({ id, name }, commands) {
  const title = el("b", { class: "video-title", title: name });
  setName(title, name);
  return el(
    "li",
    { class: "upload", testid: "upload-item" },
    title,
    el(
      "button",
      {
        class: "ghost",
        title: "Cancel",
        testid: "upload-cancel",
        aria: { label: `Cancel the upload of ${name}` },
        on: { click: () => commands.cancelUpload(id) },
      },
      icon("x"),
    ),
    el("small"),
    el("span", { class: "bar" }, el("i")),
  );
}

/** @param {any} node @param {import("../core/slices/video.js").Upload} upload */
function update(node, { state, sent, size, error }) {
  node.dataset.state = state;
  const done = `${byteSize(sent)} of ${byteSize(size)}`;
  const text = {
    queued: "waiting",
    sending: sent < size ? done : "checking the file…",
    failed: [error?.message, error?.hint].filter(Boolean).join(" "),
  }[state];
  setText(node.querySelector("small"), text);
  node.querySelector(".bar i").style.width = `${state === "failed" ? 100 : percent(sent, size)}%`;
}

function mountChooser(commands) {
  const input = byId("file-input");
  byId("drop").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    commands.uploadFiles([...input.files]);
    input.value = "";
  });
}

/** The whole page takes dropped files: nobody has to aim. */
function mountDrop(commands) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const taken = () => document.querySelector("dialog[open]") !== null; // a dialog is in front, with a place of its own or none
  const over = (on) => document.body.classList.toggle("dropping", on);
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (!taken()) over(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && over(false));
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    over(false);
    if (!taken()) commands.takeFiles([...event.dataTransfer.files]);
  });
}
