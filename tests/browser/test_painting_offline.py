"""A stroke made while the server is away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT, mask_path
from tests.browser.test_touch_up import drag, until_pixels


@pytest.fixture
def ada(unguarded_page: Page, live_server: LiveServer) -> AnnotatorPage:
    annotator = AnnotatorPage(unguarded_page, live_server.url)
    annotator.open()
    return annotator


def test_strokes_are_kept_on_screen_and_sent_in_order_when_the_server_is_back(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    ada.until(lambda: mask_path(live_server, 0).exists())
    live_server.kill()
    ada.until(lambda: ada.state("session.connection") == "offline")
    ada.press("p")
    drag(ada, (300, 60), (400, 60))
    ada.press("e")
    drag(ada, (350, 30), (350, 90))
    ada.until(lambda: ada.mask_revs() == '{"1/overall":null}')  # shown, unknown to the server

    live_server.start()

    ada.until(lambda: ada.is_saved() and "null" not in (ada.mask_revs() or "null"))
    until_pixels(ada, live_server, 0, {(350, 60): 0, (310, 60): 255, SHAFT: 255})
