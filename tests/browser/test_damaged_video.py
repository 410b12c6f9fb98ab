"""A video whose database is damaged says so, and is mended with one press."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.annotating import BODY
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool


def test_a_damaged_database_is_made_anew_with_one_press(
    server_pool: ServerPool, moving_clip: Path, page: Page
) -> None:
    with server_pool.lend(moving_clip) as server:
        ada = AnnotatorPage(page, server.url)
        ada.open("clip.mp4")
        ada.click(*BODY)
        ada.propagate()
        page.goto("about:blank")
        server.stop()
        (server.dirs.outputs / "clip/session.sqlite3").write_text("hello")
        server.start()

        page.goto(server.url)
        row = page.get_by_test_id("video-item")
        expect(row.locator(".video-facts")).to_contain_text("session.sqlite3")
        row.get_by_role("button").first.click()
        page.get_by_test_id("toast-action").get_by_text("Mend").click()

        ada.until(lambda: len(ada.state("annotations.masks.1/overall") or {}) == 12)
        ada.until(lambda: ada.drawn_masks() == 1)
        expect(row.locator(".video-facts")).to_contain_text("12 masks")
