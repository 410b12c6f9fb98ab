/** Playback true to the clock: the newest frame that is due and ready is shown, the others count as skipped. */

const PATIENCE_MS = 700; // so long a late screen is skipped over; then the clock waits for it
const CALM_MS = 3000; // without a miss, before more frames are tried again
const MAX_STRIDE = 8;

/**
 * @typedef {{stride: number, skipped: number, waiting: boolean, bare: boolean}} Pace  stride: every how many
 *   frames are loaded; bare: masks do not come, so frames are shown before them
 * @typedef {{now_ms: number, at_s: number, rate: number, calm_ms: number}} Clock  calm_ms: since when nothing was missed
 * @typedef {{now_ms: number, frame_idx: number, first: number, last: number, rate: number, loop: boolean,
 *   frame_s: number, pace: Pace, secondsAt: (frame_idx: number) => number,
 *   isReady: (frame_idx: number, bare: boolean) => boolean}} Scene  frame_s: how long the last frame stays
 * @typedef {{clock: Clock | null, show: number | null, pace: Pace, ended?: boolean}} Step
 */

/** The pace at the start of playback. @type {Pace} */
export const FRESH_PACE = Object.freeze({ stride: 1, skipped: 0, waiting: false, bare: false });

const started = ({ now_ms, rate, secondsAt }, frame_idx) => ({
  now_ms, at_s: secondsAt(frame_idx), rate, calm_ms: now_ms,
});

/** Advance the clock by one tick, and choose the frame to show. @param {Clock | null} clock null: not begun @param {Scene} scene @returns {Step} */
export function advance(clock, scene) {
  const { now_ms, frame_idx, pace } = scene;
  if (!clock || clock.rate !== scene.rate) {
    if (!scene.isReady(frame_idx, true)) return { clock: null, show: null, pace: { ...pace, waiting: true } };
    return { clock: started(scene, frame_idx), show: null, pace: { ...pace, waiting: false } };
  }
  const due_s = clock.at_s + ((now_ms - clock.now_ms) / 1000) * clock.rate;
  if (frame_idx >= scene.last) return atEnd(clock, scene, due_s);
  const due = dueFrame(scene, due_s);
  if (due === frame_idx) return { clock, show: null, pace };
  const show = newestReady(scene, due);
  if (show === null) return late(clock, scene, due_s);
  return shown(clock, scene, show);
}

function dueFrame({ frame_idx, last, secondsAt }, due_s) {
  let due = frame_idx;
  while (due < last && secondsAt(due + 1) <= due_s) due += 1;
  return due;
}

function newestReady({ frame_idx, isReady, pace }, due) {
  for (let candidate = due; candidate > frame_idx; candidate -= 1) if (isReady(candidate, pace.bare)) return candidate;
  return null;
}

/** Wait a little while no due frame is there, then let the clock wait, too. */
function late(clock, scene, due_s) {
  const late_ms = ((due_s - scene.secondsAt(scene.frame_idx + 1)) / clock.rate) * 1000;
  if (late_ms < PATIENCE_MS) return { clock, show: null, pace: scene.pace };
  const { pace } = scene;
  const stride = Math.min(MAX_STRIDE, pace.stride + 1);
  return { clock: started(scene, scene.frame_idx), show: null, pace: { ...pace, stride, waiting: true, bare: pace.waiting } };
}

function shown(clock, { now_ms, frame_idx, pace, isReady }, show) {
  const gone = show - frame_idx - 1;
  const missed = gone >= pace.stride;
  const calm = !missed && pace.stride > 1 && now_ms - clock.calm_ms > CALM_MS;
  const stride = missed ? Math.min(MAX_STRIDE, pace.stride + 1) : pace.stride - (calm ? 1 : 0);
  return {
    clock: { ...clock, calm_ms: missed || calm ? now_ms : clock.calm_ms },
    show,
    pace: { stride, skipped: pace.skipped + gone, waiting: false, bare: pace.bare && !isReady(show, false) },
  };
}

function atEnd(clock, scene, due_s) {
  const { first, last, loop, frame_s, pace, secondsAt, isReady } = scene;
  if (!loop) return { clock, show: null, pace, ended: true };
  if (due_s < secondsAt(last) + frame_s) return { clock, show: null, pace };
  if (!isReady(first, true)) return { clock, show: null, pace: { ...pace, waiting: true } };
  return { clock: started(scene, first), show: first, pace: { ...pace, waiting: false } };
}
