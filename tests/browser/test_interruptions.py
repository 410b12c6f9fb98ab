"""Connections and processes break under an annotator's hands, and come back by themselves."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import Page

from tests.browser.driver import AnnotatorPage
from tests.browser.files import written_frames
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT, instance_dir, mask_path, points


@pytest.fixture
def ada(unguarded_page: Page, live_server: LiveServer) -> AnnotatorPage:
    annotator = AnnotatorPage(unguarded_page, live_server.url)
    annotator.open()
    return annotator


def test_the_session_process_dies_and_the_page_goes_on(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    for pid in live_server.session_pids:
        os.kill(pid, signal.SIGKILL)
    banner = ada.page.get_by_test_id("banner")
    ada.until(lambda: "restart" in banner.inner_text().lower())

    ada.click(150, 260)

    assert len(points(live_server)) == 2
    ada.until(lambda: ada.state("session.host.state") == "ready")


def test_the_server_is_killed_and_started_again(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    ada.until(lambda: mask_path(live_server, 0).exists())
    before = mask_path(live_server, 0).read_bytes()
    live_server.kill()
    ada.until(lambda: ada.state("session.connection") == "offline")
    ada.page.mouse.click(*ada.screen(150, 260))
    ada.page.mouse.click(*ada.screen(500, 60), button="right")
    ada.until(lambda: ada.page.get_by_test_id("saved").inner_text() == "2 not sent")

    live_server.start()

    ada.until(lambda: ada.is_saved())
    ada.until(lambda: len(points(live_server)) == 3)
    ada.press("u", "u")
    ada.until(lambda: ada.is_saved() and len(points(live_server)) == 1)
    ada.until(lambda: mask_path(live_server, 0).read_bytes() == before)


@pytest.mark.slow
def test_a_run_goes_on_by_itself_after_the_session_process_died(
    ada: AnnotatorPage, live_server: LiveServer
) -> None:
    ada.click(*SHAFT)
    ada.press("t")
    ada.until(lambda: mask_path(live_server, 9).exists())
    for pid in live_server.session_pids:
        os.kill(pid, signal.SIGKILL)

    ada.until(lambda: mask_path(live_server, 89).exists())

    masks = sorted((instance_dir(live_server) / "masks_overall").glob("*.png"))
    assert len(masks) == 90
    card = ada.page.get_by_test_id("job-card")
    ada.until(lambda: card.first.get_attribute("data-state") == "done")


def test_clicks_made_offline_arrive_once_each(ada: AnnotatorPage, live_server: LiveServer) -> None:
    ada.click(*SHAFT)
    ada.page.context.set_offline(True)
    for x in (100, 130, 160, 190):
        ada.page.mouse.click(*ada.screen(x, 300))
    ada.page.wait_for_timeout(300)
    ada.page.context.set_offline(False)

    ada.until(lambda: ada.is_saved() and len(points(live_server)) == 5)
    xs = [round(point["x"]) for point in written_frames(live_server)[0]["points"]]
    assert xs == [60, 100, 130, 160, 190]
