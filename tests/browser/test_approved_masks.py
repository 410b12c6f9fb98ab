"""Approved masks under another run, on the page: kept and counted, replaced only if chosen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import Annotator
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.prepared import PreparedWorkspaces, track_all

PAIR = "annotations.masks.1/overall"


def approve_six(ada: Annotator) -> None:
    track_all(ada)
    key = {"video_id": "clip", "instance_id": 1, "region": "overall"}
    ada.send("approve", key=key, frames=[[0, 5]], approved=True)
    ada.click(8, 30, 40, 0)


@pytest.fixture
def ada(
    server_pool: ServerPool, prepared: PreparedWorkspaces, page: Page
) -> Iterator[AnnotatorPage]:
    """A run over 12 frames, the first six approved, and a correction behind these."""
    with server_pool.lend_prepared(prepared.made_by(approve_six)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.go_to(8)
        yield annotator


def frames_with(ada: AnnotatorPage, mark: str) -> list[int]:
    masks = ada.state(PAIR)
    return [int(name) for name, mask in masks.items() if mask.get(mark)]


def approved(ada: AnnotatorPage) -> list[int]:
    return frames_with(ada, "approved")


def test_approved_masks_outlive_a_run_and_are_replaced_only_if_chosen(ada: AnnotatorPage) -> None:
    assert frames_with(ada, "stale") == [6, 7, 9, 10, 11]

    ada.propagate("Alt+f")

    card = ada.page.get_by_test_id("job-card").first
    expect(card.get_by_test_id("job-masks")).to_have_text("5 made, 6 approved kept")
    assert (approved(ada), frames_with(ada, "stale")) == ([*range(6)], [])

    replace = ada.page.get_by_test_id("on-approved-replace")
    replace.click()
    expect(replace).to_have_attribute("aria-pressed", "true")
    ada.propagate("Alt+f")

    expect(card.get_by_test_id("job-masks")).to_have_text("10 made, 1 approved kept")
    expect(replace).to_have_attribute("aria-pressed", "false")
    assert approved(ada) == [0]  # prompted


def test_taking_an_approval_back_shows_the_mask_as_stale(ada: AnnotatorPage) -> None:
    ada.propagate("Alt+f")
    ada.go_to(3)
    ada.press("y")

    ada.until(lambda: frames_with(ada, "stale") == [3])
    assert approved(ada) == [0, 1, 2, 4, 5]
