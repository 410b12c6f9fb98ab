/** Folds the panels: marks on the root element that the style sheets read, and the buttons of the top bar. */

import { el } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands}} deps */
export function mountPanelFolds({ store, commands }) {
  const root = document.documentElement;
  const shade = el("div", { class: "sheet-shade", testid: "sheet-shade", on: { click: () => commands.closeSheet() } });
  document.body.append(shade);
  store.watch(({ view }) => [view.folded, view.sheet], ([folded, sheet]) => {
    root.dataset.folded = folded.join(" ");
    root.dataset.sheet = sheet ?? "";
    shade.hidden = sheet === null;
    for (const button of document.querySelectorAll(".panel-toggles button")) {
      const name = button.getAttribute("aria-controls");
      const open = name === sheet || !folded.includes(name === "timeline" ? "time" : name);
      button.setAttribute("aria-expanded", String(open));
    }
    if (document.activeElement !== document.body && !document.activeElement?.checkVisibility()) commands.focusStage();
  });
  store.watch(({ view }) => view.cards_folded, (folded) => {
    root.dataset.cards = folded ? "lines" : "";
    document.querySelector("[data-testid=fold-cards]").setAttribute("aria-pressed", String(folded));
  });
  leaveSheet(store, commands);
}

/** Show on the stage what was chosen on a sheet. */
function leaveSheet(store, commands) {
  const later = (select) => store.watch(select, () => queueMicrotask(() => commands.closeSheet()));
  later(({ video }) => video.opening ?? video.open?.video_id);
  later(({ annotations }) => [annotations.instance_id, annotations.region]);
}
