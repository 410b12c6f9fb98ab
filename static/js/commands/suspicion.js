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
  const curvesInOrder = answersInOrder();

  let drawn = null; // the masks that the curves are of

  /** Read the places, and nothing else: the curves of many pairs are long, and no walk waits for them. */
  async function readStops() {
    const video_id = video();
    if (video_id === null) return;
    const answer = await inOrder(() => listSuspicions(video_id));
    if (answer && video() === video_id) store.dispatch({ type: "suspicions_read", stops: answer.stops });
  }

  async function readCurves() {
    const video_id = video();
    const { annotations, suspicion } = store.state;
    const { masks } = annotations;
    if (video_id === null || (drawn === masks && Object.keys(suspicion.curves).length)) return;
    const answer = await curvesInOrder(() => getSuspicionCurves(video_id));
    if (!answer || video() !== video_id) return;
    drawn = masks;
    store.dispatch({ type: "suspicion_curves_read", curves: Object.fromEntries(answer.curves.map(({ instance_id, region, values }) => [pairName(instance_id, region), values])) });
  }

  /** Read both once nothing more urgent is under way; offline, the next look reads them. */
  const readLater = (read) => later(CALM_MS, () => read().catch(() => {}));

  async function showSuspicions() {
    if (video() === null) return;
    store.dispatch({ type: "dialog_changed", dialog: "suspicions" });
    readLater(readCurves);
    await readStops();
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
    await readStops();
    readLater(readCurves);
    const next = nextStop(store.state, way);
    if (!next) return toast({ level: "info", about: "stop", message: "No mask is suspicious.", hint: "Flagged, stale and missing masks have their own keys." });
    goToSuspicion(next.stop);
    toast({ level: "info", about: "stop", message: `${stopWords(next.stop)}.`, hint: `${next.place} of ${next.of}, the worst first.` });
  }

  /** A run that ended, and a video just opened, have new curves. */
  const measured = ({ jobs, video: { open } }) => [open?.video_id, Object.values(jobs.by_id).filter(({ kind, ended }) => kind === "propagate" && ended).length];
  store.watch(measured, () => readLater(() => Promise.all([readStops(), readCurves()])));
  return { showSuspicions, goToSuspicion, stepWorst };
}
