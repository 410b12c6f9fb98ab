/** Runs in the page before its own scripts: when an open video can be used, and how long a step of the timeline takes. */
(() => {
  const nextFrame = window.requestAnimationFrame.bind(window);
  const probe = { usable_ms: null, opened_ms: null, walk };

  const look = () => {
    const state = window.__annotator?.store.state;
    if (state?.video.open && probe.opened_ms === null) probe.opened_ms = performance.now();
    const slider = document.querySelector("[data-testid=timeline-slider]");
    if (probe.opened_ms !== null && state.playback.drawn_idx !== null && slider?.dataset.paintMs) probe.usable_ms = performance.now();
    else nextFrame(look);
  };
  nextFrame(look);

  /** Press a key again and again; ms from each press to the end of the frame that follows. */
  async function walk(key, count) {
    const found = [];
    for (let step = 0; step < count; step += 1) {
      const from_ms = performance.now();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      found.push(performance.now() - from_ms);
      document.body.dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true }));
      await new Promise(nextFrame);
    }
    return found;
  }

  window.__long = probe;
})();
