/** Goes through the suspicious places of the video, worst first. */

import { nextStop, stopWords } from "../core/suspicion.js";
import { pairName } from "../core/pairs.js";
import { getSuspicionCurves, listSuspicions } from "../net/api.js";
import { answersInOrder } from "./up_to_date.js";

/** @import { Store } from "../core/store.js" */
/** @import { Stop } from "../core/slices/suspicion.js" */

const CALM_MS = 300; // the frame and its masks come first, and a video may be passed over

/** @param {{store: Store, toast: Function, step: (by: number) => void, later: (ms: number, callback: () => void) => void}} deps */
export function suspicionCommands({ store, toast, step, later }) {
  const video = () => store.state.video.open?.video_id ?? null;
  const inOrder = answersInOrder();

  async function readSuspicions() {
    const video_id = video();
    if (video_id === null) return;
    const answers = await inOrder(() => Promise.all([listSuspicions(video_id), getSuspicionCurves(video_id)]));
    if (!answers || video() !== video_id) return;
    const [{ stops }, { curves }] = answers;
    const by_pair = Object.fromEntries(curves.map(({ instance_id, region, values }) => [pairName(instance_id, region), values]));
    store.dispatch({ type: "suspicions_read", stops, curves: by_pair });
  }

  async function showSuspicions() {
    if (video() === null) return;
    store.dispatch({ type: "dialog_changed", dialog: "suspicions" });
    await readSuspicions();
  }

  /** @param {Stop} stop */
  function goToSuspicion(stop) {
    if (store.state.view.dialog === "suspicions") store.dispatch({ type: "dialog_changed", dialog: null });
    store.dispatch({ type: "suspicion_visited", at: stop.stop });
    store.dispatch({ type: "pair_selected", instance_id: stop.instance_id, region: stop.region });
    step(stop.frame_idx - store.state.playback.frame_idx);
  }

  /** Go to the next suspicious place, worst first, and say why it is one. @param {number} way 1: less suspicious, -1: more */
  async function stepWorst(way) {
    if (video() === null) return;
    await readSuspicions();
    const next = nextStop(store.state, way);
    if (!next) return toast({ level: "info", about: "stop", message: "No mask is suspicious.", hint: "Flagged, stale and missing masks have their own keys." });
    goToSuspicion(next.stop);
    toast({ level: "info", about: "stop", message: `${stopWords(next.stop)}.`, hint: `${next.place} of ${next.of}, the worst first.` });
  }

  /** A run that ended, and a video just opened, have new curves. */
  const measured = ({ jobs, video: { open } }) => [open?.video_id, Object.values(jobs.by_id).filter(({ kind, ended }) => kind === "propagate" && ended).length];
  store.watch(measured, () => later(CALM_MS, () => readSuspicions().catch(() => {}))); // offline: the next look reads them
  return { showSuspicions, goToSuspicion, stepWorst };
}
