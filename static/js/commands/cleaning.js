/** The preview of a cleaning while its panel is open, and the rule by which runs and exports clean a pair. */

import { cleaningWords, cleansNothing } from "../core/repair.js";
import { currentPair, selectedFrame } from "../core/selectors.js";
import { splitPair } from "../core/pairs.js";
import { getCleaned, getCleaning, setCleaning } from "../net/api.js";
import { upToDate } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */

const REST_MS = 90; // after the last change, so that a drag asks a few times a second
const NO_STEPS = { fill_holes: 0, drop_specks: 0, smooth: 0, grow: 0 };

/**
 * @param {{store: Store, toast: Function, later: (ms: number, callback: () => void) => void,
 *   showCleaned: (place: any, png: Blob | null) => Promise<number>}} deps
 *   showCleaned: draws a mask in the place of a pair's own, null: no longer; answers its area
 */
export function cleaningCommands({ store, toast, later, showCleaned }) {
  let newest = 0; // preview: an older answer is dropped

  /** @param {string} name of a step @param {number} value */
  const chooseCleaning = (name, value) => store.dispatch({ type: "cleaning_chosen", name, value });

  async function preview() {
    const { repair, annotations } = store.state;
    const asked = (newest += 1);
    const here = selectedFrame(store.state);
    const fact = here && annotations.masks[currentPair(store.state)]?.[here.frame_idx];
    if (repair.open !== "clean" || !fact || cleansNothing(repair.cleaning)) return clearPreview();
    const place = { ...here.key, frame_idx: here.frame_idx };
    const png = await getCleaned(place, repair.cleaning).catch(() => null); // deleted meanwhile, or offline
    if (asked !== newest) return;
    if (!png) return clearPreview();
    const after = await showCleaned(place, png);
    if (asked !== newest) return;
    store.dispatch({ type: "cleaning_previewed", preview: { pair: currentPair(store.state), frame_idx: here.frame_idx, before: fact.area ?? 0, after } });
  }

  async function clearPreview() {
    await showCleaned(null, null);
    if (store.state.repair.preview) store.dispatch({ type: "cleaning_previewed", preview: null });
  }

  /** Read the rule of the selected pair, unless it is known. */
  async function readRule() {
    const { repair, video } = store.state;
    const pair = currentPair(store.state);
    if (repair.open !== "clean" || !video.open || !pair || repair.rule?.pair === pair) return;
    const key = { video_id: video.open.video_id, ...splitPair(pair) };
    const answer = await upToDate(store, key.video_id, (state) => state.repair.rule, () => getCleaning(key));
    store.dispatch({ type: "cleaning_changed", key, ...answer });
  }

  /** Let runs and exports clean the selected pair as the panel says, or no longer. @param {boolean} on */
  async function setRule(on) {
    const { repair, video } = store.state;
    const pair = currentPair(store.state);
    if (!video.open || !pair) return;
    if (on && cleansNothing(repair.cleaning)) return toast({ level: "info", message: "No step of cleaning is chosen.", hint: "Set at least one of them." });
    const key = { video_id: video.open.video_id, ...splitPair(pair) };
    const answer = await setCleaning(key, on ? repair.cleaning : NO_STEPS);
    store.dispatch({ type: "cleaning_changed", key, ...answer });
    const name = pair.replace("/", " ");
    toast({ level: "success", message: on ? `Runs and exports clean ${name}: ${cleaningWords(answer.cleaning)}.` : `Runs and exports no longer clean ${name}.` });
  }

  store.watch(
    (state) => [state.repair.open, state.repair.cleaning, currentPair(state), state.playback.drawn_idx, revHere(state)],
    () => later(REST_MS, preview),
  );
  store.watch((state) => [state.repair.open, currentPair(state)], () => later(0, readRule));
  return { chooseCleaning, setRule };
}

const revHere = (state) => state.annotations.masks[currentPair(state)]?.[state.playback.drawn_idx]?.rev;
