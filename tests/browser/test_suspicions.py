"""Suspicious masks on the page: walked worst first, listed, drawn as a curve; by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import BODY, make_moving_clip
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool

PAIR = "annotations.masks.1/overall"
SHRINK = """async () => (await fetch("/api/videos/clip/instances/1/regions/overall/masks/clean", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ frames: [[6, 6]], grow: -9 }),
})).status"""


@pytest.fixture
def ada(server_pool: ServerPool, tmp_path: Path, page: Page) -> Iterator[AnnotatorPage]:
    """A run over 12 frames; the mask of frame 6 has shrunk."""
    with server_pool.lend(make_moving_clip(tmp_path / "clip.mp4")) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.click(*BODY)
        annotator.propagate()
        area = annotator.state(f"{PAIR}.6.area")
        assert page.evaluate(SHRINK) == 202
        annotator.until(lambda: annotator.state(f"{PAIR}.6.area") < area)
        yield annotator


def worst_of_curve(ada: AnnotatorPage) -> int | None:
    curve: list[tuple[int, float]] = ada.state("suspicion.curves.1/overall") or []
    return max(curve, key=lambda value: value[1])[0] if curve else None


def test_the_worst_mask_comes_first_and_is_gone_once_approved(ada: AnnotatorPage) -> None:
    ada.press("'")
    ada.until_drawn(6)
    said = ada.page.get_by_test_id("toast").filter(has_text="Frame 6, 1 overall: area fell by")
    expect(said).to_contain_text("the worst first")
    ada.until(lambda: worst_of_curve(ada) == 6)
    ada.press("Home")
    ada.until_drawn(0)
    ada.press("Alt+'")  # round to the other end of the list, where there is one
    ada.until(lambda: ada.state("playback.frame_idx") != 0)
    ada.press("'")
    ada.until_drawn(6)

    ada.press("y")
    ada.until(lambda: ada.state(f"{PAIR}.6.approved"))
    ada.press("!")
    expect(ada.page.get_by_test_id("suspicions-summary")).not_to_have_text("")
    rows = ada.page.get_by_test_id("suspicion-row").filter(has_text="area fell by")
    expect(rows.filter(has_text="frame 6")).to_have_count(0)
    ada.press("Escape")

    ada.press("y")
    ada.until(lambda: not ada.state(f"{PAIR}.6.approved"))
    ada.go_to(0)
    ada.press("!")
    first = ada.page.get_by_test_id("suspicion-row").first
    expect(first).to_contain_text("area fell by")
    expect(first).to_be_focused()
    ada.press("Enter")
    ada.until_drawn(6)
