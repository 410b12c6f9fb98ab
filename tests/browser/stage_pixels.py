"""Reads a mask off pictures of the window, to be compared with its file."""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import numpy as np

# Hides everything over the canvases of the stage, or shows it again.
SHOW_OVERLAYS = """shown => {
  for (const overlay of document.querySelectorAll('.stage > :not(canvas)')) {
    overlay.style.visibility = shown ? '' : 'hidden';
  }
}"""
ON_SCREEN = """places => places.map(([x, y]) => {
  const at = window.__annotator.toClient(x + 0.5, y + 0.5);
  return [Math.floor(at.x), Math.floor(at.y)];
})"""
HIDE_MASKS = """async hidden => {
  window.__annotator.store.dispatch({ type: 'masks_hidden_changed', masks_hidden: hidden });
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}"""
LEAST_TINT = 8  # of 255
STEP = 6  # source px between the places that are looked at
AROUND = 30  # source px beside the mask
EDGE = 9  # width of the rim that is not: there the outline lies


class Window(Protocol):
    """A window of the page, whatever drives it."""

    def evaluate(self, expression: str, arg: Any = None) -> Any:
        """Call a function in the page."""

    def screenshot(self) -> bytes:
        """Take a picture of the window, as PNG."""


def seen_and_saved(
    window: Window, mask_hw: Any, *, around: tuple[int, int]
) -> tuple[list[bool], list[bool]]:
    """Read a mask off the stage and off `mask_hw`, at the same places.

    The frame on screen has one dot, `around` which nothing is compared.
    """
    rim = cv2.morphologyEx(mask_hw, cv2.MORPH_GRADIENT, np.ones((EDGE, EDGE), np.uint8))
    ys, xs = np.nonzero(mask_hw)
    left, top = max(0, int(xs.min()) - AROUND), max(0, int(ys.min()) - AROUND)
    places = [
        (x, y)
        for y in range(top, min(mask_hw.shape[0], int(ys.max()) + AROUND), STEP)
        for x in range(left, min(mask_hw.shape[1], int(xs.max()) + AROUND), STEP)
        if rim[y, x] == 0 and max(abs(x - around[0]), abs(y - around[1])) > EDGE
    ]
    on_screen = window.evaluate(ON_SCREEN, places)
    window.evaluate(SHOW_OVERLAYS, False)
    shown = _shot(window)
    window.evaluate(HIDE_MASKS, True)
    tinted_hw = np.abs(shown.astype(int) - _shot(window)).max(axis=2) > LEAST_TINT
    window.evaluate(HIDE_MASKS, False)
    window.evaluate(SHOW_OVERLAYS, True)
    return [bool(tinted_hw[y, x]) for x, y in on_screen], [bool(mask_hw[y, x]) for x, y in places]


def _shot(window: Window) -> Any:
    return cv2.imdecode(np.frombuffer(window.screenshot(), np.uint8), cv2.IMREAD_COLOR)
