/** Short messages: in the right panel, without it below the picture, or at the foot of an open dialog; never on what is worked on. */

import { opsWords } from "../core/ops.js";
import { byId, el, follow, icon } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const ICON = { info: "info", success: "circle-check", error: "triangle-alert", warning: "triangle-alert" };
const ACTION_LABELS = { undoAt: "Undo", restoreTrashed: "Undo", bringClassBack: "Undo", unapprove: "Undo", restoreRange: "Undo", restoreMasks: "Undo", mendVideo: "Mend", runAnyway: "Run anyway", undoImport: "Undo", runPairs: "Propagate", holdAndFill: "Hold and fill", changeRules: "Undo", downloadExport: "Download", showImport: "Show", goToPlace: "Show" };

/** @param {HTMLElement} root @param {{store: Store, commands: Commands}} deps */
export function mountToasts(root, { store, commands }) {
  const home = root.parentElement;
  const before = root.nextElementSibling;
  // a toast behind a modal dialog can be neither seen nor pressed; the dialog has opened by then
  const move = () => {
    const place = document.querySelector("dialog:modal") ?? (home.checkVisibility() ? home : byId("stage-bar"));
    if (root.parentElement !== place) place.insertBefore(root, place === home ? before : place.querySelector(":scope > .hud"));
  };
  store.watch(
    (state) => [state.view.dialog, state.view.toasts, state.view.folded, state.view.sheet],
    () => requestAnimationFrame(move),
  );
  store.watch(
    (state) => state.view.toasts,
    (toasts) =>
      follow(root, toasts, {
        key: (toast) => toast.id,
        make: (toast) => box(toast, commands),
        update: () => {},
      }),
  );
}

/** @param {import("../core/slices/view.js").Toast} toast @param {any} commands */
function box({ id, level, message, hint, action, label, args }, commands) {
  const act = () => {
    commands.dismissToast(id);
    commands[action](...(args ?? []));
  };
  const close = { class: "ghost", title: "Close", aria: { label: "Close" } };
  return el(
    "div",
    { class: `toast ${level}`, testid: "toast" },
    icon(ICON[level] ?? "info"),
    el("p", {}, el("b", { text: message, title: message }), hint ? el("span", { text: hint }) : null),
    action && el("button", { class: "button small", testid: "toast-action", text: label ?? ACTION_LABELS[action], on: { click: act } }),
    el("button", { ...close, on: { click: () => commands.dismissToast(id) } }, icon("x")),
  );
}

/** A message that stays for as long as its cause. @param {HTMLElement} root @param {{store: Store}} deps */
export function mountBanner(root, { store }) {
  const mark = icon("refresh-cw");
  const text = el("span");
  root.append(mark, text);
  store.watch(bannerText, (message) => {
    root.hidden = message === null;
    if (message) text.textContent = message;
  });
}

function bannerText(state) {
  const { auth, connection, host, read_only } = state.session;
  if (auth !== "ok") return null;
  if (connection === "offline") {
    const kept = opsWords(state.annotations.ops.filter((op) => !op.acked));
    return `Connection lost, reconnecting… ${kept ? `Kept to be sent: ${kept}.` : "Your clicks are kept."}`;
  }
  if (connection !== "online") return null;
  if (host.state === "restarting") return "The session process is restarting; your clicks are kept.";
  if (host.state === "starting" && state.video.open) return "The session process is starting…";
  if (host.state === "closed") return "The session process has stopped. Start the server again.";
  if (read_only) return "You can look at everything, but nothing can be changed: the server's outputs folder is read-only.";
  return null;
}
