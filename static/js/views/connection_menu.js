/** The chip of the connection, and its menu: the server, its state, and other people on the video. */

import { counted } from "../core/format.js";
import { othersOf, personWords } from "../core/people.js";
import { byId, el, follow, icon, setText } from "./dom.js";
import { nameField } from "./name_field.js";
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
  const content = menuContent({ store, commands, server, close: () => menu.close() });
  const menu = makePopover({
    label: "Server and people",
    testid: "connection-menu",
    class: "menu",
    fill: (panel) => panel.childElementCount || panel.append(...content.nodes), // kept: a name may be half typed
  });
  chip.addEventListener("click", () => menu.toggle(chip));
  store.watch(
    (state) => [state.session.connection, state.session.host, state.session.presence, state.session.client_id],
    ([connection, host]) => {
      const others = othersOf(store.state.session);
      dot.dataset.level = connection !== "online" ? "bad" : host.state === "ready" ? "ok" : "warn";
      chip.dataset.connection = connection;
      const state = connection === "online" ? server.name : `${server.name} · ${connection}`;
      setText(text, others.length ? `${state} · ${others.length + 1} people` : state);
      chip.title = [`Server ${server.name}: ${connection}; session process: ${host.state}`, ...others.map(personWords)].join("\n");
      content.show(others);
      menu.refresh();
    },
  );
}

function menuContent({ store, commands, server, close }) {
  const state = el("p", { class: "menu-note" });
  const who = el("p", { class: "menu-note" });
  const people = el("ul", { class: "people", testid: "people" });
  const entry = (label, name, testid, run) =>
    el("button", { class: "menu-item", testid, on: { click: () => (close(), run()) } }, icon(name), el("span", { text: label }));
  /** @param {import("../core/wire.js").Person} person */
  const goTo = ({ frame_idx, instance_id, region }) => {
    close();
    commands.goToPlace({ video_id: store.state.video.open.video_id, instance_id: instance_id ?? null, region: region ?? null }, frame_idx ?? 0);
  };

  function show(others) {
    const { connection, host } = store.state.session;
    const restarts = host.restarts ? `, restarted ${counted(host.restarts, "time")}` : "";
    setText(state, `Connection ${connection}; session process ${HOSTS[host.state] ?? host.state}${restarts}.`);
    setText(who, others.length ? "Also on this video:" : "Nobody else is on this video.");
    follow(people, others, {
      key: (person) => person.client_id,
      make: ({ client_id }) => {
        const find = () => othersOf(store.state.session).find((person) => person.client_id === client_id);
        const press = () => find() && goTo(find());
        return el("li", {}, el("button", { class: "menu-item", testid: "person", title: "Go there", on: { click: press } }, icon("map-pin"), el("span")));
      },
      update: (node, person) => setText(node.querySelector("span"), personWords(person)),
    });
  }

  const nodes = [
    el("h3", { text: server.name + (server.remote ? ", another server than this page's" : "") }),
    state,
    who,
    people,
    nameField({ store, commands, testid: "my-name" }),
    el("hr"),
    entry("Connect to another server…", "server", "server-choose", commands.showServers),
    server.remote && entry("Back to this page's own server", "unplug", "server-leave", commands.backToOwn),
  ].filter(Boolean);
  return { nodes, show };
}
