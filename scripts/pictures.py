"""``python -m scripts.pictures`` takes the pictures of the README and of the docs.

``python -m scripts.pictures runs`` takes those of docs/runs.md alone, ``batch`` those of
docs/long-footage.md, ``page`` those of the README.

A real browser works through the demo clip on a server of its own. The text looks best where the
font Inter is installed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts.run_pictures import work_with_runs
from scripts.shots import DOCS, RUN_S, SMALL, close_toasts, run_share, select, shoot
from tests.browser.conftest import CHROMIUM_FLAGS, DEMO_CLIP, find_chromium
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.workspace_dirs import WorkspaceDirs

LARGE = ViewportSize(width=1920, height=1080)
LOW = ViewportSize(width=1280, height=340)
LARGE_SCALE = 0.75  # of the large picture, as it stands in the README
# Pairs and their clicks on frame 0, in pixels of the demo clip.
CLICKS: dict[tuple[int, str], list[tuple[float, float]]] = {
    (1, "shaft"): [(107, 271)],
    (1, "wrist"): [(208, 115), (190, 140)],
    (1, "gripper"): [(267, 41), (298, 22)],
    (2, "shaft"): [(531, 301)],
    (2, "gripper"): [(323, 100), (385, 90)],
}
MARKS = (20, 46)  # of the range whose masks are approved
APPROVED = ((1, "shaft"), (1, "wrist"))
RUN_SHARE = 0.35  # of the run that is done when its picture is taken


PIECES = (0, 15, 30, 45, 60, 75)  # the first frames of the segments of the long footage
ANNOTATED = 4  # of them, when the pictures are taken


def main() -> None:
    """Take all pictures into docs/, or those that the arguments name."""
    wanted = set(sys.argv[1:]) or {"page", "batch", "runs"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        if wanted & {"page", "batch"}:
            with demo_server() as url:
                if "page" in wanted:
                    work(browser, url)
                    look(browser, url)
                if "batch" in wanted:
                    work_through_batch(browser, url)
        if "runs" in wanted:
            with demo_server() as url:
                work_with_runs(browser, url)
        browser.close()


@contextmanager
def demo_server() -> Iterator[str]:
    """A server over the demo clip alone; gives its URL."""
    with tempfile.TemporaryDirectory() as name:
        dirs = WorkspaceDirs.made_in(Path(name))
        shutil.copy(DEMO_CLIP, dirs.videos)
        with LiveServer(dirs, Path(name) / "log") as server:
            yield server.url


def work(browser: Browser, url: str) -> None:
    """Click five pairs, carry them through the video, approve two of them in a range."""
    ada = AnnotatorPage(browser.new_page(viewport=SMALL), url)
    ada.open()
    ada.press("i")
    ada.until(lambda: len(ada.state("annotations.instances")) == 2)
    for pair, clicks in CLICKS.items():
        select(ada, pair)
        for x, y in clicks:
            ada.click(x, y)
    ada.page.get_by_test_id("scope-all").click()
    ada.press("Escape", "t")  # from the button back to the stage, without its ring
    ada.until(lambda: run_share(ada) >= RUN_SHARE, RUN_S)
    shoot(ada, "page.png")
    ada.until(lambda: run_share(ada) == 1, RUN_S)
    for frame_idx, key in zip(MARKS, "[]", strict=True):
        ada.go_to(frame_idx)
        ada.press(key)
    for pair in APPROVED:
        select(ada, pair)
        ada.press("Shift+y")
        ada.until(ada.is_saved)
    ada.go_to(30)
    close_toasts(ada)
    shoot(ada, "page-timeline.png")
    ada.page.close()


def look(browser: Browser, url: str) -> None:
    """Open what was made on a larger screen, in light colours."""
    page = browser.new_page(viewport=LARGE, device_scale_factor=LARGE_SCALE)
    ada = AnnotatorPage(page, url)
    ada.open()
    page.get_by_test_id("theme").click()
    select(ada, APPROVED[-1])
    ada.go_to(60)
    shoot(ada, "page-light.png")


def work_through_batch(browser: Browser, url: str) -> None:
    """Cut the demo clip, annotate some of its segments, and look at them on the review page."""
    ada = AnnotatorPage(browser.new_page(viewport=SMALL), url)
    ada.open()
    for frame_idx in PIECES[1:]:
        ada.go_to(frame_idx)
        ada.press("Alt+c")
    close_toasts(ada)
    ada.press("Alt+b")
    ada.page.get_by_test_id("batch-title-text").fill("Morning")
    ada.painted()
    ada.page.screenshot(path=DOCS / "batch-cut.png")
    ada.page.get_by_test_id("batch-make").click()
    for number in range(1, ANNOTATED + 1):
        until_first_frame(ada, number)
        for x, y in CLICKS[2, "shaft"]:
            ada.click(x, y)
        ada.press("Enter")
    until_first_frame(ada, ANNOTATED + 1)
    close_toasts(ada)
    ada.page.get_by_test_id("invitation").get_by_label("Close").click()
    shoot(ada, "batch-bar.png")
    with ada.page.expect_popup() as popup:
        ada.press("Alt+v")
    shoot_review(popup.value)
    ada.page.close()


def until_first_frame(ada: AnnotatorPage, number: int) -> None:
    """Wait until an item's first frame is on screen."""

    def is_there() -> bool:
        items = ada.state("batches.open.items") or []
        wanted = [item["video_id"] for item in items if item["item"] == number]
        return [ada.stage("video-id")] == wanted and ada.stage("frame-idx") == "0"

    ada.until(is_there)


def shoot_review(page: Page) -> None:
    """Approve the first cell, reject the second, and take the picture of the review page."""
    page.set_viewport_size(LOW)
    page.get_by_test_id("loading").wait_for(state="hidden")
    page.get_by_test_id("cell").first.wait_for()
    page.keyboard.press("y")
    page.locator('[data-state="approved"]').first.wait_for()
    page.keyboard.press("x")
    page.keyboard.press("2")
    page.locator('[data-state="rejected"]').first.wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=DOCS / "batch-review.png")
    page.close()


if __name__ == "__main__":
    main()
