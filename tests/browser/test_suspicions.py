"""Suspicious masks on the page: walked worst first, listed, drawn as a curve; by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import Annotator
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.prepared import PreparedWorkspaces, track_all

PAIR = "annotations.masks.1/overall"


def shrink_one(ada: Annotator) -> None:
    track_all(ada)
    place = {"video_id": "clip", "instance_id": 1, "region": "overall", "frames": [[6, 6]]}
    ada.job_ended(ada.call("clean_masks", **place, grow=-9)["job_id"])


@pytest.fixture
def ada(
    server_pool: ServerPool, prepared: PreparedWorkspaces, page: Page
) -> Iterator[AnnotatorPage]:
    """A run over 12 frames; the mask of frame 6 has shrunk."""
    with server_pool.lend_prepared(prepared.made_by(shrink_one)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
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
