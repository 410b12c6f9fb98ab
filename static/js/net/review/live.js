/** Listens to what changes on the server while a review is open. */

import { Link } from "../link.js";

const REREAD_AFTER = new Set(["masks_changed", "prompts_changed", "instances_changed", "resync"]);
const FACTS = new Set(["mask_saved", "mask_deleted", "masks_approved"]);

/**
 * @param {any} socket of socket.io-client, not yet connected
 * @param {{dispatch: (action: any) => void, commands: () => any, video_id: string | null, me: {client_id: string, person_id: string},
 *   onConnection: (state: string) => void}} deps  video_id: to be told of its changes; a batch tells everybody
 */
export function listenLive(socket, { dispatch, commands, video_id, me, onConnection }) {
  let was_online = false;
  const link = new Link(socket, {
    onEvent(name, data) {
      if (FACTS.has(name)) dispatch({ ...data, type: name });
      else if (REREAD_AFTER.has(name)) commands().rereadSoon();
    },
    onMask: () => {},
    async onConnection(state) {
      onConnection(state);
      if (state !== "online") return;
      if (video_id) await link.ask("open_video", { video_id, form: "columns", ...me, seq: 1 }).catch(() => null);
      if (video_id || was_online) commands().rereadSoon(); // nobody told what happened meanwhile
      was_online = true;
    },
  });
  socket.on("batch_changed", (data) => commands().batchChanged(data));
  link.connect();
  return link;
}
