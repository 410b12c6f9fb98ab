/** A small panel beside its opener: Escape or a press elsewhere closes it and gives the focus back. */

import { placePanel } from "../core/panel_place.js";
import { el } from "./dom.js";

/**
 * Make one; `fill` draws its content each time before it opens.
 * @param {{label: string, testid: string, role?: string, class?: string, fill: (panel: any) => void}} options
 */
export function makePopover({ label, testid, role = "dialog", class: names = "", fill }) {
  const panel = el("div", {
    class: `popover ${names}`,
    testid,
    aria: { label },
    attrs: { popover: "auto", role, tabindex: "-1" },
  });
  let opener = null;
  let closed_by_press = false; // the press that closes it is on its own button, whose click is still to come
  home().append(panel);
  panel.addEventListener("toggle", ({ newState }) => {
    opener?.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed") growth.disconnect();
    if (newState === "closed" && (panel.contains(document.activeElement) || document.activeElement === document.body)) {
      opener?.focus({ preventScroll: true });
    }
  });

  const growth = new ResizeObserver(() => isOpen() && opener.isConnected && place(panel, opener.getBoundingClientRect()));
  const notice = (event) => (closed_by_press = event.type === "pointerdown" && isOpen() && Boolean(opener?.contains(event.target)));
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, notice, { capture: true });

  /** Beside the element, inside the window. @param {Element} beside */
  function open(beside) {
    opener = beside;
    fill(panel);
    panel.showPopover();
    place(panel, beside.getBoundingClientRect());
    if (messages()) growth.observe(messages());
    (panel.querySelector("[autofocus], [role^=menuitem]:not(:disabled)") ?? panel).focus({ preventScroll: true });
  }

  const close = () => panel.matches(":popover-open") && panel.hidePopover();
  const isOpen = () => panel.matches(":popover-open");
  /** Draw again what is open. */
  const refresh = () => {
    if (!isOpen()) return;
    fill(panel);
    place(panel, opener.getBoundingClientRect());
  };
  /** @param {Element} beside its own button closes it again, other ones move it */
  function toggle(beside) {
    const was_open = isOpen() || closed_by_press;
    closed_by_press = false;
    if (was_open && opener === beside) close();
    else open(beside);
  }
  return { panel, open, close, toggle, refresh, isOpen };
}

/** A landmark that those who listen to the page can go to. */
function home() {
  const here = document.querySelector(".popovers");
  if (here) return here;
  const made = el("section", { class: "popovers", aria: { label: "Menus" } });
  document.body.append(made);
  return made;
}

const messages = () => document.getElementById("toasts");

/** Beside the anchor, inside the window and off the messages. */
function place(panel, anchor) {
  panel.style.maxHeight = "";
  const shown = messages()?.childElementCount ? messages().getBoundingClientRect() : null;
  const { left, top, max_height } = placePanel(panel.getBoundingClientRect(), anchor, { width: innerWidth, height: innerHeight }, shown);
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
  if (max_height !== null) panel.style.maxHeight = `${max_height}px`;
}
