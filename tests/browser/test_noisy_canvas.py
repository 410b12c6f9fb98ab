"""A browser that resists fingerprinting: whatever is read back from a canvas is noise."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.browser.test_touch_up import drag, mask, until_answered

NOISE = """(() => {
  const noisy = (data) => data.forEach((_, i) => { data[i] = Math.random() * 256; });
  for (const context of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const read = context.prototype.getImageData;
    context.prototype.getImageData = function (...place) {
      const image = read.apply(this, place);
      noisy(image.data);
      return image;
    };
  }
  window.__read_back = () => {
    const context = new OffscreenCanvas(4, 4).getContext('2d');
    return [...context.getImageData(0, 0, 4, 4).data];
  };
})()"""
# Only the canvases of the stage are seen, or what lies over them again.
SHOW_OVERLAYS = """shown => {
  for (const overlay of document.querySelectorAll('.stage > :not(canvas)')) {
    overlay.style.visibility = shown ? '' : 'hidden';
  }
}"""
ON_SCREEN = """places => places.map(([x, y]) => {
  const at = window.__annotator.toClient(x + 0.5, y + 0.5);
  return [Math.floor(at.x), Math.floor(at.y)];
})"""
LEAST_TINT = 8  # of 255
STROKE = ((420.0, 80.0), (520.0, 80.0))  # source px, on the background
NEAR_STROKE = (slice(55, 106), slice(395, 546))  # rows and columns that it may reach
STEP = 6  # source px between the places that are looked at
AROUND = 30  # source px beside the mask
EDGE = 9  # width of the rim that is not: there the outline lies


@pytest.fixture
def ada(live_server: LiveServer, page: Page) -> AnnotatorPage:
    page.add_init_script(NOISE)
    annotator = AnnotatorPage(page, live_server.url)
    annotator.open()
    assert any(page.evaluate("window.__read_back()"))  # of an empty canvas
    return annotator


def stroke(ada: AnnotatorPage) -> None:
    before = ada.mask_revs()
    ada.press("p")
    drag(ada, *STROKE)
    until_answered(ada, before)


def on_stage(ada: AnnotatorPage, server: LiveServer) -> tuple[list[bool], list[bool]]:
    """Where the stage shows a mask, and where the file has it: at the same places around it."""
    mask_hw = mask(server, 0)
    rim = cv2.morphologyEx(mask_hw, cv2.MORPH_GRADIENT, np.ones((EDGE, EDGE), np.uint8))
    ys, xs = np.nonzero(mask_hw)
    left, top = max(0, int(xs.min()) - AROUND), max(0, int(ys.min()) - AROUND)
    places = [
        (x, y)
        for y in range(top, min(mask_hw.shape[0], int(ys.max()) + AROUND), STEP)
        for x in range(left, min(mask_hw.shape[1], int(xs.max()) + AROUND), STEP)
        if rim[y, x] == 0 and max(abs(x - SHAFT[0]), abs(y - SHAFT[1])) > EDGE  # the dot
    ]
    on_screen = ada.page.evaluate(ON_SCREEN, places)
    ada.page.evaluate(SHOW_OVERLAYS, False)
    ada.page.mouse.move(640, 20)
    ada.painted()
    shown = _shot(ada)
    ada.press("h")
    ada.painted()
    tinted_hw = np.abs(shown.astype(int) - _shot(ada)).max(axis=2) > LEAST_TINT
    ada.press("h")
    ada.page.evaluate(SHOW_OVERLAYS, True)
    seen = [bool(tinted_hw[y, x]) for x, y in on_screen]
    return seen, [bool(mask_hw[y, x]) for x, y in places]


def _shot(ada: AnnotatorPage) -> Any:
    return cv2.imdecode(np.frombuffer(ada.page.screenshot(), np.uint8), cv2.IMREAD_COLOR)


def test_a_stroke_saves_the_mask_it_was_made_on(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    ada.until(lambda: ada.is_saved())
    clicked = mask(live_server, 0)
    stroke(ada)
    ada.until(lambda: mask(live_server, 0)[80, 470] == 255)

    painted = mask(live_server, 0)

    painted[NEAR_STROKE] = clicked[NEAR_STROKE]
    assert np.array_equal(painted, clicked)


def test_the_stage_shows_the_mask_of_the_file_and_a_stroke_after_a_reload_keeps_it(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    before = mask(live_server, 0)
    ada.open()
    ada.until(lambda: ada.drawn_masks() == 1)

    shown, there = on_stage(ada, live_server)
    stroke(ada)

    assert shown == there
    assert {True, False} == set(there)
    ada.until(lambda: mask(live_server, 0)[80, 470] == 255)
    painted = mask(live_server, 0)
    painted[NEAR_STROKE] = before[NEAR_STROKE]
    assert np.array_equal(painted, before)
