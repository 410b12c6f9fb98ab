/** The chip of the connection, and its menu: the server, its state, and other people on the video. */

import { counted } from "../core/format.js";
import { byId, el, icon, setText } from "./dom.js";
import { makePopover } from "./popover.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

const HOSTS = { ready: "ready", starting: "starting", restarting: "restarting", closed: "stopped" };

/** @param {{store: Store, commands: Commands, server: any}} deps */
export function mountConnection({ store, commands, server }) {
  const chip = byId("connection");
  const dot = el("i", { class: "dot" });
  const text = el("span", { attrs: { role: "status" } });
  chip.append(dot, text);
  const menu = makePopover({
    label: "Server",
    testid: "connection-menu",
    class: "menu",
    fill: (panel) => panel.replaceChildren(...content({ store, commands, server, close: () => menu.close() })),
  });
  chip.addEventListener("click", () => menu.toggle(chip));
  store.watch(
    (state) => [state.session.connection, state.session.host.state, state.session.presence],
    ([connection, host, presence]) => {
      const people = peopleOf(presence).length;
      dot.dataset.level = connection !== "online" ? "bad" : host === "ready" ? "ok" : "warn";
      chip.dataset.connection = connection;
      const state = connection === "online" ? server.name : `${server.name} · ${connection}`;
      setText(text, people > 1 ? `${state} · ${people} people` : state);
      chip.title = `Server ${server.name}: ${connection}; session process: ${host}`;
      menu.refresh();
    },
  );
}

const peopleOf = (presence) => [...new Map(presence.map((client) => [client.client_id, client])).values()];

function content({ store, commands, server, close }) {
  const { connection, host, presence, client_id } = store.state.session;
  const others = peopleOf(presence).filter((person) => person.client_id !== client_id);
  const restarts = host.restarts ? `, restarted ${counted(host.restarts, "time")}` : "";
  const places = others.map(({ frame_idx }) => (frame_idx === null || frame_idx === undefined ? "with no frame open" : `at frame ${frame_idx}`));
  const entry = (label, name, testid, run) =>
    el("button", { class: "menu-item", testid, on: { click: () => (close(), run()) } }, icon(name), el("span", { text: label }));
  return [
    el("h3", { text: server.name + (server.remote ? ", another server than this page's" : "") }),
    el("p", { class: "menu-note", text: `Connection ${connection}; session process ${HOSTS[host.state] ?? host.state}${restarts}.` }),
    el("p", { class: "menu-note", text: others.length ? `Also on this video: ${counted(others.length, "person", "people")}, ${places.join(", ")}.` : "Nobody else is on this video." }),
    el("hr"),
    entry("Connect to another server…", "server", "server-choose", commands.showServers),
    server.remote && entry("Back to this page's own server", "unplug", "server-leave", commands.backToOwn),
  ].filter(Boolean);
}
