"""The keys of a review: N visits each pair on each frame, Shift+Y approves in steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import BODY, Annotator
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.flagged_clips import GONE, NUM_FRAMES, vanishing, write_clip
from tests.prepared import PreparedWorkspaces

CORRECTION = (44, 24)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A body that leaves."""
    path = tmp_path_factory.mktemp("vanishing") / "clip.mp4"
    write_clip(path, vanishing())
    return path


def track_two_regions(ada: Annotator) -> None:
    for region in ("overall", "shaft"):
        ada.click(0, *BODY, region=region)
    ada.propagate()


@pytest.fixture
def ada(
    server_pool: ServerPool, prepared: PreparedWorkspaces, clip: Path, page: Page
) -> Iterator[AnnotatorPage]:
    """Two regions of a body that leaves, run to the end; the second one is selected."""
    with server_pool.lend_prepared(prepared.made_by(track_two_regions, clip)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.press("Tab")
        annotator.until(lambda: annotator.state("annotations.region") == "shaft")
        annotator.until(lambda: annotator.drawn_masks() == 2)
        yield annotator


def here(ada: AnnotatorPage) -> tuple[int, str]:
    return ada.state("playback.frame_idx"), ada.state("annotations.region")


def approved(ada: AnnotatorPage) -> list[int]:
    """Count the approved masks of overall and of shaft."""
    masks = [ada.state(f"annotations.masks.1/{region}") for region in ("overall", "shaft")]
    return [sum(mask["approved"] for mask in frames.values()) for frames in masks]


def test_n_goes_frame_by_frame_and_lane_by_lane_and_back(ada: AnnotatorPage) -> None:
    toast = ada.page.get_by_test_id("toast").filter(has_text="this way.")
    walks = {}
    for key in ("n", "Shift+N"):
        walks[key] = walk = [here(ada)]
        said = toast.inner_text() if walks.keys() > {key} else ""
        while len(walk) == 1 or "The last one" not in said:
            ada.press(key)
            ada.until(lambda said=said: toast.count() == 1 and toast.inner_text() != said)  # type: ignore[misc]
            said = toast.inner_text()
            walk.append(here(ada))

    there = walks["n"][1:]
    assert there == sorted(set(there))
    assert {(GONE, "overall"), (GONE, "shaft")} <= set(there)
    assert [stop for stop in walks["Shift+N"] if stop in there] == there[::-1]


def test_shift_y_takes_the_pair_then_its_stale_masks_then_other_pairs(ada: AnnotatorPage) -> None:
    said = ada.page.get_by_test_id("toast").filter(has_text="approved, all frames")
    ada.go_to(2)
    ada.click(*CORRECTION)
    ada.press("Shift+y")
    expect(said).to_contain_text("masks of 1 shaft approved")
    expect(said).to_contain_text("stale masks left out: Shift+Y again approves them, too.")
    ada.until(lambda: approved(ada) == [0, 2])

    ada.press("Shift+y")
    expect(said).to_contain_text(f"{NUM_FRAMES - 2} stale masks of 1 shaft approved")
    expect(said).to_contain_text(f"Shift+Y again approves all pairs: {NUM_FRAMES} masks more.")
    ada.until(lambda: approved(ada) == [0, NUM_FRAMES])

    ada.press("Shift+y")
    ada.until(lambda: approved(ada) == [NUM_FRAMES, NUM_FRAMES])
    said.get_by_test_id("toast-action").click()
    ada.until(lambda: approved(ada) == [0, NUM_FRAMES])
    ada.press("u")  # the approval before it, from whichever pair and frame
    ada.until(lambda: approved(ada) == [0, 2])
    ada.press("Control+Shift+Z")
    ada.until(lambda: approved(ada) == [0, NUM_FRAMES])


def test_u_takes_back_what_y_approved_before_the_click_before_it(ada: AnnotatorPage) -> None:
    ada.go_to(2)
    ada.click(*CORRECTION)
    ada.press("y")
    ada.until(lambda: approved(ada) == [0, 1])
    ada.go_to(0)

    ada.press("u")
    ada.until(lambda: approved(ada) == [0, 0])
    assert here(ada) == (2, "shaft")
    assert ada.stage("points") == "1"
    ada.press("Control+Shift+Z")
    ada.until(lambda: approved(ada) == [0, 1])
    ada.press("u", "u")
    ada.until(lambda: ada.stage("points") == "0")
