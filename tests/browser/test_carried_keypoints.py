"""Keypoints carried along with their object: placed, carried, corrected, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.prepared import PreparedWorkspaces, track_all

CORNER = (60.0, 12.0)  # of the red box on frame 0; it moves 2 px a frame


@pytest.fixture
def ada(
    server_pool: ServerPool, prepared: PreparedWorkspaces, page: Page
) -> Iterator[AnnotatorPage]:
    """Open a video with a run over 12 frames."""
    with server_pool.lend_prepared(prepared.made_by(track_all)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        yield annotator


def keypoints(ada: AnnotatorPage) -> dict[int, Any]:
    return {row["frame_idx"]: row for row in ada.state("annotations.keypoints").get("1", [])}


def derived(ada: AnnotatorPage) -> list[int]:
    return sorted(idx for idx, row in keypoints(ada).items() if row.get("derived"))


def test_a_keypoint_is_carried_corrected_and_taken_back_by_keyboard(ada: AnnotatorPage) -> None:
    ada.press("*")
    expect(ada.page.get_by_test_id("toasts")).to_contain_text("no keypoint to carry")

    ada.press("k")
    ada.page.mouse.click(*ada.screen(*CORNER))
    ada.page.keyboard.type("tip")
    ada.page.keyboard.press("Enter")
    ada.until(lambda: [row["name"] for row in keypoints(ada).values()] == ["tip"])
    ada.press("*")
    ada.until(lambda: derived(ada) == list(range(1, 12)))
    expect(ada.page.get_by_test_id("toasts")).to_contain_text("Carried tip to 11 frames.")
    assert all(abs(row["x"] - 60 - 2 * idx) < 3 for idx, row in keypoints(ada).items())

    ada.go_to(6)
    expect(ada.page.get_by_test_id("keypoint-row")).to_contain_text("carried")
    x, y = keypoints(ada)[6]["x"], keypoints(ada)[6]["y"]
    before = keypoints(ada)
    ada.page.mouse.move(*ada.screen(x, y))
    ada.page.mouse.down()
    ada.page.mouse.move(*ada.screen(x - 22, y + 10), steps=4)
    ada.page.mouse.up()
    ada.until(lambda: derived(ada) == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11])
    ada.until(lambda: keypoints(ada)[7]["x"] != before[7]["x"])  # carried anew

    ada.press("u")
    ada.until(lambda: keypoints(ada) == before)
    ada.press("u")
    ada.until(lambda: derived(ada) == [])
    assert sorted(keypoints(ada)) == [0]
