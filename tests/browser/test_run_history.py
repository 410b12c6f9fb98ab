"""Runs on the page: listed, compared with what was before, and taken back, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import DISC, Annotator
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.prepared import PreparedWorkspaces, track_all

PAIR = "annotations.masks.1/overall"
SHRINK = """async () => (await fetch("/api/videos/clip/instances/1/regions/overall/masks/clean", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ frames: [[6, 6]], grow: -3 }),
})).status"""


def run_twice(ada: Annotator) -> None:
    track_all(ada)
    ada.click(0, *DISC)
    ada.propagate()


@pytest.fixture
def ada(
    server_pool: ServerPool, prepared: PreparedWorkspaces, page: Page
) -> Iterator[AnnotatorPage]:
    """A run over 12 frames after one click, and another after a second click."""
    with server_pool.lend_prepared(prepared.made_by(run_twice)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        yield annotator


def runs(ada: AnnotatorPage) -> set[int]:
    """The runs whose masks are there, but for the prompted frame."""
    return {mask["run"] for name, mask in (ada.state(PAIR) or {}).items() if name != "0"}


def run_of(ada: AnnotatorPage, frame_idx: int) -> int:
    run: int = ada.state(f"{PAIR}.{frame_idx}.run")
    return run


def test_a_run_is_listed_taken_back_and_undone(ada: AnnotatorPage) -> None:
    ada.press("Alt+h")
    rows = ada.page.get_by_test_id("run-row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Run 2 · 1 overall · → frames 0 – 11")
    expect(rows.first).to_contain_text("11 masks made, 11 replaced")
    expect(rows.nth(1)).to_contain_text("nothing of it to take back")

    rows.first.get_by_test_id("run-back").focus()
    ada.press("Enter")
    ada.until(lambda: runs(ada) == {1})
    expect(ada.page.get_by_test_id("toast")).to_contain_text("Run 2 taken back on 11 frames.")
    ada.press("Escape")
    ada.press("u")
    ada.until(lambda: runs(ada) == {2})


def test_a_run_is_compared_frame_by_frame_and_the_better_one_kept(ada: AnnotatorPage) -> None:
    ada.go_to(3)
    ada.press("Alt+x")
    panel = ada.page.get_by_test_id("compare")
    expect(panel).to_contain_text("Run 2 and before")
    expect(ada.page.get_by_test_id("compare-iou")).to_contain_text("frame 3: IoU 0.")
    ada.until(lambda: (ada.state("run_history.before") or {}).get("frame_idx") == 3)

    ada.page.keyboard.down(";")
    ada.until(lambda: ada.state("run_history.flicker"))
    ada.page.wait_for_timeout(400)  # a key that is held, not tapped
    ada.page.keyboard.up(";")
    ada.until(lambda: not ada.state("run_history.flicker"))

    ada.press("Alt+u")
    ada.until(lambda: run_of(ada, 3) == 1)
    assert run_of(ada, 4) == 2
    ada.press("u")
    ada.until(lambda: run_of(ada, 3) == 2)

    ada.press("[", "ArrowRight", "ArrowRight")
    ada.until_drawn(5)
    ada.press("]", "Alt+i")
    ada.until(lambda: all(ada.state(f"{PAIR}.{idx}.approved") for idx in (3, 4, 5)))
    ada.press("Alt+x")
    expect(panel).to_be_hidden()


def test_all_prompts_are_run_again_beside_the_masks_compared_left_and_taken(
    ada: AnnotatorPage,
) -> None:
    page = ada.page
    made = ada.state(f"{PAIR}.6.area")
    assert page.evaluate(SHRINK) == 202
    ada.until(lambda: ada.state(f"{PAIR}.6.area") < made)
    shrunk = ada.state(f"{PAIR}.6.area")

    ada.press("Alt+h")
    expect(page.get_by_test_id("rebuild-start")).to_be_enabled()
    page.get_by_test_id("rebuild-start").focus()
    ada.press("Enter")
    toast = page.get_by_test_id("toast")
    expect(toast.filter(has_text="Rebuilt by sam2.1_hiera_demo: IoU")).to_be_visible()
    compare_rebuild(ada)
    expect(page.get_by_test_id("compare")).to_contain_text("Rebuilt by sam2.1_hiera_demo, and now")
    ada.go_to(6)
    expect(page.get_by_test_id("compare-iou")).to_contain_text("frame 6: IoU 0.")
    ada.until(lambda: (ada.state("run_history.before") or {}).get("frame_idx") == 6)
    ada.press("Alt+u")
    expect(page.get_by_test_id("compare")).to_be_hidden()
    assert ada.state(f"{PAIR}.6.area") == shrunk

    compare_rebuild(ada)
    ada.press("Alt+i")
    ada.until(lambda: ada.state(f"{PAIR}.6.area") > shrunk)
    expect(
        toast.filter(has_text=re.compile(r"Took \d+ rebuilt masks? of 1 overall"))
    ).to_be_visible()
    ada.press("u")
    ada.until(lambda: ada.state(f"{PAIR}.6.area") == shrunk)


def compare_rebuild(ada: AnnotatorPage) -> None:
    """Compare the rebuild in the list of runs."""
    ada.press("Alt+h")
    ada.page.get_by_test_id("rebuild-compare").focus()
    ada.press("Enter")
    expect(ada.page.get_by_test_id("runs")).to_be_hidden()
