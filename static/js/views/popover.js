/** A small panel beside its opener: Escape or a press elsewhere closes it and gives the focus back. */

import { el } from "./dom.js";

const GAP_PX = 6;
const EDGE_PX = 8;

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
    if (newState === "closed" && (panel.contains(document.activeElement) || document.activeElement === document.body)) {
      opener?.focus({ preventScroll: true });
    }
  });

  const notice = (event) => (closed_by_press = event.type === "pointerdown" && isOpen() && Boolean(opener?.contains(event.target)));
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, notice, { capture: true });

  /** Beside the element, inside the window. @param {Element} beside */
  function open(beside) {
    opener = beside;
    fill(panel);
    panel.showPopover();
    place(panel, beside.getBoundingClientRect());
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

/** Below the anchor, or above it where there is more room; never over the window's edge. */
function place(panel, anchor) {
  const { width, height } = panel.getBoundingClientRect();
  const below = innerHeight - anchor.bottom - GAP_PX - EDGE_PX;
  const above = anchor.top - GAP_PX - EDGE_PX;
  const top = height <= below || below >= above ? anchor.bottom + GAP_PX : anchor.top - GAP_PX - height;
  const left = Math.min(anchor.left, innerWidth - EDGE_PX - width);
  panel.style.left = `${Math.max(EDGE_PX, left)}px`;
  panel.style.top = `${Math.max(EDGE_PX, Math.min(top, innerHeight - EDGE_PX - height))}px`;
}
