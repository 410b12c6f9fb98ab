"""A pointer that keys move: points, boxes and keypoints without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEMO_CLIP
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer

SPOT = (320.0, 180.0)


@pytest.fixture(scope="module")
def server(server_pool: ServerPool) -> Iterator[LiveServer]:
    with server_pool.lend(DEMO_CLIP) as live:
        yield live


@pytest.fixture
def ada(server: LiveServer, kept_page: Page) -> AnnotatorPage:
    """Open a frame without prompts, with the click tool and nothing pointed at."""
    annotator = AnnotatorPage(kept_page, server.url)
    if annotator.state("video.open") is None:
        annotator.open()
    annotator.press("Home", "v")
    if annotator.state("view.pointing"):
        annotator.press("Escape")
    annotator.page.mouse.move(5, 5)
    if prompts(annotator):
        annotator.press("c")
    annotator.until(lambda: annotator.is_saved() and not prompts(annotator))
    return annotator


def prompts(ada: AnnotatorPage) -> list[Any]:
    """The points of the selected pair on the frame on screen."""
    frame_idx = ada.state("playback.frame_idx")
    return list(ada.state(f"annotations.prompts.{pair_of(ada)}.{frame_idx}.points") or [])


def pair_of(ada: AnnotatorPage) -> str:
    return f"{ada.state('annotations.instance_id')}/{ada.state('annotations.region')}"


def test_points_are_set_by_keys(ada: AnnotatorPage) -> None:
    ada.press("_")
    ada.point_by_keys(*SPOT)
    ada.press_and_settle("Enter")
    ada.point_by_keys(SPOT[0] + 60, SPOT[1])
    ada.press_and_settle("Shift+Enter")

    found = prompts(ada)
    assert [point["label"] for point in found] == [1, 0]
    wide_px = 1 / ada.state("view.zoom")  # a CSS px in source px
    assert [point["x"] for point in found] == pytest.approx([SPOT[0], SPOT[0] + 60], abs=wide_px)
    assert [point["y"] for point in found] == pytest.approx([SPOT[1]] * 2, abs=wide_px)
    assert ada.stage("click-does") == "add"


def test_a_box_lasts_from_one_press_to_the_next(ada: AnnotatorPage) -> None:
    ada.press("b", "_")
    ada.point_by_keys(200, 100)
    ada.press("Enter")
    ada.point_by_keys(400, 250)
    ada.press("Escape")  # the box alone
    ada.press("Enter")
    ada.point_by_keys(240, 120)
    ada.press_and_settle("Enter")

    box = ada.state(f"annotations.prompts.{pair_of(ada)}.0.box")
    assert box == pytest.approx([240, 120, 400, 250], abs=1 / ada.state("view.zoom"))


def test_other_keys_and_a_mouse_that_moves_do_what_they_did(ada: AnnotatorPage) -> None:
    ada.press("_", "ArrowRight", "d")
    ada.until_drawn(1)
    assert ada.state("view.pointing") is True
    ada.press("?", "ArrowDown", "Escape")  # used by the open list
    expect(ada.page.get_by_test_id("help")).to_be_hidden()
    assert ada.state("view.pointing") is True
    ada.page.mouse.move(*ada.screen(*SPOT))
    ada.until(lambda: ada.state("view.pointing") is False)
    ada.press("ArrowRight")
    ada.until_drawn(2)

    assert not prompts(ada)
