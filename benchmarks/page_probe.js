/** Runs in the page before its own scripts: what each animation frame costs, and how far apart they are. */
(() => {
  const nextFrame = window.requestAnimationFrame.bind(window);
  let spent_ms = 0; // by the page's own callbacks and by what the probe makes it do

  const timed = (work) => {
    const from_ms = performance.now();
    try {
      return work();
    } finally {
      spent_ms += performance.now() - from_ms;
    }
  };
  window.requestAnimationFrame = (callback) => nextFrame((now_ms) => timed(() => callback(now_ms)));

  /** Do something in every animation frame. @returns {Promise<{intervals: number[], script: number[]}>} ms */
  const eachFrame = (count, act) =>
    new Promise((resolve) => {
      const times = [];
      const script = [];
      const tick = (now_ms) => {
        times.push(now_ms);
        script.push(spent_ms);
        spent_ms = 0;
        if (times.length > count) {
          const intervals = times.slice(1).map((time, at) => time - times[at]);
          return resolve({ intervals, script: script.slice(1) });
        }
        timed(() => act(times.length - 1));
        nextFrame(tick);
      };
      nextFrame(tick);
    });

  const surface = () => document.querySelector("#cursor-layer");
  const middle = () => {
    const { left, top, width, height } = surface().getBoundingClientRect();
    return { clientX: left + width / 2, clientY: top + height / 2 };
  };
  const point = (type, place, more) =>
    surface().dispatchEvent(new PointerEvent(type, { ...place, pointerId: 1, bubbles: true, cancelable: true, ...more }));

  async function pan(count) {
    const { clientX, clientY } = middle();
    const at = (step) => ({ clientX: clientX + 140 * Math.sin(step / 12), clientY: clientY + 90 * Math.cos(step / 17) });
    surface().setPointerCapture = () => {}; // made-up pointers cannot be captured
    point("pointerdown", at(0), { button: 1 });
    const found = await eachFrame(count, (step) => point("pointermove", at(step), { buttons: 4 }));
    point("pointerup", at(count), { button: 1 });
    return found;
  }

  const zoom = (count) =>
    eachFrame(count, (step) => {
      const deltaY = step % 60 < 30 ? -40 : 40;
      surface().dispatchEvent(new WheelEvent("wheel", { ...middle(), deltaY, cancelable: true, bubbles: true }));
    });

  /** Move the pointer over the masks: labels, signs, highlights. */
  const hover = (count) =>
    eachFrame(count, (step) => {
      const { clientX, clientY } = middle();
      point("pointermove", { clientX: clientX + 300 * Math.sin(step / 20), clientY: clientY + 150 * Math.cos(step / 13) });
    });

  /** Ask for another frame in every animation frame, to and fro through `span` frames that lie `apart`. */
  async function scrub(count, span, apart = 1) {
    const { store } = window.__annotator;
    const drawn = new Set();
    const found = await eachFrame(count, (step) => {
      const place = step % (2 * span);
      store.dispatch({ type: "scrubbing_changed", scrubbing: true });
      store.dispatch({ type: "frame_requested", frame_idx: apart * (place < span ? place : 2 * span - 1 - place) });
      drawn.add(store.state.playback.drawn_idx);
    });
    store.dispatch({ type: "scrubbing_changed", scrubbing: false });
    return { ...found, drawn: drawn.size };
  }

  /** Scroll what scrolls within an element, or around it, from end to end. @param {"scrollTop" | "scrollLeft"} along */
  function scroll(selector, along, count) {
    const size = along === "scrollTop" ? ["scrollHeight", "clientHeight"] : ["scrollWidth", "clientWidth"];
    let node = document.querySelector(selector);
    while (node.parentElement && node[size[0]] <= node[size[1]]) node = node.parentElement;
    const whole = node[size[0]] - node[size[1]];
    return eachFrame(count, (step) => {
      node[along] = (whole * step) / count;
    });
  }

  const probe = { pan, zoom, hover, scrub, scroll, interactive_ms: null };
  const look = () => {
    if (document.querySelector("[data-testid=video-item]")) probe.interactive_ms = performance.now();
    else nextFrame(look);
  };
  nextFrame(look);
  window.__probe = probe;
})();
