"""Runs on the page: from the frame on screen, followed by the stage, restarted by a click."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import BODY, make_moving_clip
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool

MASKS = "annotations.masks.1/overall"
NUM_FRAMES = 40


@pytest.fixture
def ada(server_pool: ServerPool, tmp_path: Path, page: Page) -> Iterator[AnnotatorPage]:
    """A clip with a click on its first frame."""
    clip = make_moving_clip(tmp_path / "clip.mp4", NUM_FRAMES)
    with server_pool.lend(clip) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.click(*BODY)
        yield annotator


def runs(ada: AnnotatorPage) -> set[str]:
    return ada.jobs("propagate")


def until_over(ada: AnnotatorPage) -> None:
    jobs = "jobs.by_id"
    ada.until(
        lambda: all(j["state"] not in ("queued", "running") for j in ada.state(jobs).values())
    )


def test_the_stage_follows_a_run_and_comes_back(ada: AnnotatorPage) -> None:
    ada.press("t")
    ada.until(lambda: ada.state("playback.ride.from") == 0 and ada.state("playback.drawn_idx") > 2)

    until_over(ada)
    ada.until_drawn(0)
    assert len(ada.state(MASKS)) == NUM_FRAMES


@pytest.mark.slow
def test_a_key_lets_go_of_the_run(ada: AnnotatorPage) -> None:
    ada.press("t")
    ada.until(lambda: int(ada.stage("frame-idx") or 0) > 2)
    ada.press("Home")

    until_over(ada)
    ada.until_drawn(0)
    assert ada.state("playback.ride") is None


def test_alt_w_turns_following_off(ada: AnnotatorPage) -> None:
    ada.press("Alt+w")
    expect(ada.page.get_by_test_id("follow")).to_have_attribute("aria-pressed", "false")
    ada.go_to(5)
    ada.press("]")  # a few frames are enough
    ada.go_to(1)
    ada.propagate()

    assert (ada.stage("frame-idx"), ada.state("view.follow")) == ("1", False)


def test_j_runs_from_the_frame_on_screen(ada: AnnotatorPage) -> None:
    before = runs(ada)
    ada.go_to(NUM_FRAMES - 3)
    ada.press("j")
    ada.until(lambda: len(runs(ada) - before) == 1)
    until_over(ada)

    made = sorted(map(int, ada.state(MASKS)))
    assert made == [0, *range(NUM_FRAMES - 3, NUM_FRAMES)]


def test_a_click_under_a_run_restarts_the_pair_from_there(ada: AnnotatorPage) -> None:
    before = runs(ada)
    ada.press("Alt+w", "t")
    ada.until(lambda: "2" in (ada.state(MASKS) or {}))
    ada.go_to(1)
    ada.page.mouse.click(*ada.screen(36, 30))
    ada.until(lambda: len(runs(ada) - before) == 2)
    until_over(ada)

    stale = [int(name) for name, mask in ada.state(MASKS).items() if mask["stale"]]
    assert (stale, len(ada.state(MASKS))) == ([], NUM_FRAMES)
    expect(ada.page.get_by_test_id("job-card")).to_have_count(1)
