/** Runs in the page before its own scripts: how long frames take to come on screen. */
(() => {
  let pressed_ms = 0;
  addEventListener("keydown", () => (pressed_ms = performance.now()), { capture: true });

  const shown = () => window.__annotator.store.state.playback.drawn_idx;
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  /** Measure from the last key to this frame on screen, in ms. */
  async function sinceKey(frame_idx) {
    while (shown() !== frame_idx) await nextFrame();
    await nextFrame();
    return performance.now() - pressed_ms;
  }

  /** Drag over the video once in four seconds; ms between two new frames on screen. */
  async function scrub() {
    const { store } = window.__annotator;
    const last = store.state.video.open.num_frames - 1;
    const gaps = [];
    let [drawn, since_ms] = [shown(), performance.now()];
    const from_ms = performance.now();
    for (let part = 0; part < 1; part = (performance.now() - from_ms) / 4000) {
      store.dispatch({ type: "scrubbing_changed", scrubbing: true });
      store.dispatch({ type: "frame_requested", frame_idx: Math.round(part * last) });
      await nextFrame();
      if (shown() === drawn) continue;
      gaps.push(performance.now() - since_ms);
      [drawn, since_ms] = [shown(), performance.now()];
    }
    store.dispatch({ type: "scrubbing_changed", scrubbing: false });
    return gaps;
  }

  window.__frames = { sinceKey, scrub };
})();
