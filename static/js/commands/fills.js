/** Fills the frames between two prompted or approved ones from both sides. */

import { brokenWords } from "../core/broken_video.js";
import { gapHere } from "../core/fills.js";
import { toBase64 } from "../core/mask_png.js";
import { splitPair } from "../core/pairs.js";
import { getMask } from "../net/api.js";

/** @import { Gap } from "../core/fills.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, ops: any, toast: Function, startRun: (run: any) => Promise<void>}} deps */
export function fillCommands({ store, ops, toast, startRun }) {
  let offered = ""; // the gap whose approved ends the last press named

  /** Fill the gap around the frame on screen, or the marked range; ends that are approved only are offered to be held first. */
  async function fillGap() {
    if (!store.state.video.open) return;
    const broken = brokenWords(store.state);
    if (broken) return void toast({ level: "info", ...broken });
    const gap = gapHere(store.state);
    if (!gap) return void toast({ level: "info", about: "fill", message: "There is no gap to fill here.", hint: "Go to a frame between two prompted or approved ones, or mark a range with two prompted frames." });
    if (!gap.unheld.length) return fill(gap);
    const name = JSON.stringify(gap);
    if (name === offered) return holdAndFill(gap);
    offered = name;
    const frames = gap.unheld.join(" and ");
    const message = gap.unheld.length > 1 ? `Frames ${frames} are approved, but no prompts.` : `Frame ${frames} is approved, but no prompt.`;
    toast({ level: "info", about: "fill", message, hint: "Press again to hold the mask there as a prompt, and fill from it.", action: "holdAndFill", args: [gap] });
  }

  /** Make the approved masks at the ends prompts, then fill between them. @param {Gap} gap */
  async function holdAndFill(gap) {
    offered = "";
    const key = { video_id: store.state.video.open.video_id, ...splitPair(gap.pair) };
    for (const frame_idx of gap.unheld) {
      const { rev } = store.state.annotations.masks[gap.pair][frame_idx];
      const png = new Uint8Array(await getMask({ ...key, frame_idx }, rev));
      await ops.submit("set_mask", { key, frame_idx, mask: toBase64(png) }).answer;
    }
    await fill(gap);
  }

  /** @param {Gap} gap */
  const fill = ({ pair, start, end }) =>
    startRun({ pairs: [splitPair(pair)], start, end, from_frame: null, direction: "both", approved: "keep", mode: "fill" });

  return { fillGap, holdAndFill };
}
