"""A browser that resists fingerprinting: whatever is read back from a canvas is noise."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.stage_pixels import seen_and_saved
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
STROKE = ((420.0, 80.0), (520.0, 80.0))  # source px, on the background
NEAR_STROKE = (slice(55, 106), slice(395, 546))  # rows and columns that it may reach


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

    ada.page.mouse.move(640, 20)
    shown, there = seen_and_saved(ada.page, before, around=SHAFT)
    stroke(ada)

    assert shown == there
    assert {True, False} == set(there)
    ada.until(lambda: mask(live_server, 0)[80, 470] == 255)
    painted = mask(live_server, 0)
    painted[NEAR_STROKE] = before[NEAR_STROKE]
    assert np.array_equal(painted, before)
