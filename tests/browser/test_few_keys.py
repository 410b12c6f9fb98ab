"""A whole job by few keys: two instances with two regions, run, looked at, approved, exported."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.flagged_clips import NUM_FRAMES, vanishing, write_clip

MOST_PRESSES = 10  # beside the clicks, and one for each suspicious stop
BODY = [(30, 30), (44, 24), (20, 40)]
DISC = [(130, 70), (122, 66), (136, 76)]
PAIRS = ["1/overall", "1/shaft", "2/overall", "2/shaft"]


@pytest.fixture
def ada(server_pool: ServerPool, tmp_path: Path, page: Page) -> Iterator[AnnotatorPage]:
    """A clip whose red body leaves."""
    clip = tmp_path / "clip.mp4"
    write_clip(clip, vanishing())
    with server_pool.lend(clip) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        yield annotator


class Presses:
    """Presses keys of a page and counts them."""

    def __init__(self, ada: AnnotatorPage) -> None:
        self._ada = ada
        self.count = 0

    def __call__(self, key: str) -> None:
        self._ada.press(key)
        self.count += 1


def click_three_times(ada: AnnotatorPage, pair: str, places: list[tuple[int, int]]) -> None:
    region = pair.split("/")[1]
    ada.until(lambda: ada.state("annotations.region") == region)
    for x, y in places:
        ada.page.mouse.click(*ada.screen(x, y))
    ada.until(lambda: ada.is_saved() and ada.stage("points") == "3")
    ada.until(lambda: pair in json.loads(ada.mask_revs() or "{}"))


def walk_what_is_suspicious(ada: AnnotatorPage) -> list[str]:
    """Press N until it says that this is the last stop; returns where it stopped."""
    stops = []
    toast = ada.page.get_by_test_id("toast").filter(has_text="this way.")
    while not stops or "The last one" not in stops[-1]:
        ada.press("n")
        ada.until(lambda: toast.count() and toast.last.inner_text() not in stops)
        stops.append(toast.last.inner_text())
    return stops


def approved(ada: AnnotatorPage) -> dict[str, int]:
    masks = ada.state("annotations.masks")
    return {pair: sum(mask["approved"] for mask in masks[pair].values()) for pair in masks}


def test_a_whole_job_takes_ten_presses(ada: AnnotatorPage) -> None:
    page, press = ada.page, Presses(ada)
    click_three_times(ada, "1/overall", BODY)
    press("Tab")
    click_three_times(ada, "1/shaft", BODY)
    press("i")
    ada.until(lambda: ada.state("annotations.instance_id") == 2)
    click_three_times(ada, "2/overall", DISC)
    press("Tab")
    click_three_times(ada, "2/shaft", DISC)

    press("Alt+t")
    expect(page.get_by_test_id("job-card")).to_contain_text("Done")
    expect(page.get_by_test_id("job-findings")).to_contain_text(f"{NUM_FRAMES} frames, ")
    ada.until_drawn(0)
    stops = walk_what_is_suspicious(ada)
    assert sum("lost" in stop for stop in stops) >= 2

    press("Shift+y")
    expect(page.get_by_test_id("toast").filter(has_text="approved, all frames")).to_be_visible()
    press("Shift+y")
    ada.until(lambda: approved(ada) == dict.fromkeys(PAIRS, NUM_FRAMES))

    press("Shift+e")
    expect(page.get_by_test_id("format-masks_zip")).to_be_focused()
    press("c")
    expect(page.get_by_test_id("format-coco")).to_be_checked()
    press("Enter")
    expect(page.get_by_test_id("export-start")).to_have_text("Download")
    with page.expect_download() as found:
        press("Enter")

    with zipfile.ZipFile(Path(found.value.path())) as archive:
        (name,) = (member for member in archive.namelist() if "instances" in member)
        annotations = json.loads(archive.read(name))["annotations"]
    assert len({annotation["image_id"] for annotation in annotations}) == NUM_FRAMES
    assert press.count <= MOST_PRESSES
