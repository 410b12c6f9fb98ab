"""A batch from a folder, by keyboard: annotate each first frame, save through, process all."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DEMO_CLIP, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from training.video import write_video

FOLDER = "organized"
NAMES = ("part_1.mp4", "part_2.mp4", "part_10.mp4")
FRAMES = 5


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three clips of the demo clip's first frames."""
    with av.open(str(DEMO_CLIP)) as container:
        decoded = itertools.islice(container.decode(video=0), FRAMES)
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in decoded])
    folder = tmp_path_factory.mktemp("clips")
    for name in NAMES:
        write_video(folder / name, frames, Fraction(25))
    return [folder / name for name in NAMES]


@pytest.fixture
def folder_server(server_pool: ServerPool, clips: list[Path]) -> Iterator[LiveServer]:
    """A server whose videos are three clips in a folder."""
    with server_pool.lend() as server:
        home = server.dirs.videos / FOLDER
        home.mkdir()
        for clip in clips:
            (home / clip.name).write_bytes(clip.read_bytes())
        yield server


def tiles(ada: AnnotatorPage) -> Locator:
    return ada.page.get_by_test_id("batch-tile")


def counts(ada: AnnotatorPage) -> Locator:
    return ada.page.get_by_test_id("batch-counts")


def item_number(ada: AnnotatorPage) -> int | None:
    """The item whose first frame is on screen, ready for a click."""
    items, video_id = ada.state("batches.open.items") or [], ada.state("video.open.video_id")
    drawn = ada.stage("video-id") == video_id and ada.stage("frame-idx") == "0"
    numbers = {item["video_id"]: item["item"] for item in items}
    return numbers.get(video_id) if drawn else None


def until_on(ada: AnnotatorPage, number: int) -> None:
    ada.until(lambda: item_number(ada) == number)


def make_batch(ada: AnnotatorPage) -> None:
    """Open the dialog, type the folder's name, Enter."""
    ada.start()
    ada.until(lambda: ada.state("batches.list") == [])
    ada.press("Alt+b")
    ada.page.keyboard.type(FOLDER)
    ada.press("Enter")
    until_on(ada, 1)


def test_a_folder_is_annotated_and_processed_by_keyboard(
    folder_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, folder_server.url)
    make_batch(ada)
    expect(counts(ada)).to_have_text("0 of 3 annotated")
    expect(tiles(ada)).to_have_count(3)
    expect(page.get_by_test_id("video-item")).to_have_count(0)  # they are listed beneath the batch
    expect(page.get_by_test_id("batch-items").locator("li")).to_have_text(
        [re.compile(f"{number}.*{name}") for number, name in enumerate(NAMES, start=1)]
    )
    for number in (1, 2, 3):
        until_on(ada, number)
        ada.click(*SHAFT)
        ada.press("Enter")
    expect(counts(ada)).to_have_text("3 of 3 annotated")
    expect(page.get_by_test_id("toast").filter(has_text="No item is left")).to_be_visible()
    expect(page.locator(".batch-tile[data-state=previewed]")).to_have_count(3)
    ada.press("Alt+a")
    expect(page.get_by_test_id("processing-summary")).to_contain_text("3 items")
    ada.press("Enter")

    expect(page.locator(".batch-tile[data-state=processed]")).to_have_count(3)
    expect(counts(ada)).to_have_text("3 of 3 annotated · 3 processed")
    expect(page.get_by_test_id("toast").filter(has_text="3 items are processed")).to_be_visible()
    ada.press("End")
    ada.until_drawn(FRAMES - 1)
    ada.until(lambda: ada.drawn_masks() == 1)


def test_skip_reset_and_jumps_by_keys_outlive_a_reload(
    folder_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, folder_server.url)
    make_batch(ada)
    ada.press("Alt+k")
    until_on(ada, 2)
    expect(tiles(ada).first).to_have_attribute("data-state", "skipped")
    ada.press("Alt+g")
    ada.page.keyboard.type("3")
    ada.press("Enter")
    until_on(ada, 3)
    ada.press("Enter")  # nothing to save yet
    expect(page.get_by_test_id("toast")).to_contain_text("Item 3 has no points yet.")
    ada.press("Alt+p", "Alt+p")
    until_on(ada, 1)
    ada.press("Alt+k")
    expect(tiles(ada).first).to_have_attribute("data-state", "todo")
    ada.click(*SHAFT)
    expect(tiles(ada).first).to_have_attribute("data-state", "previewed")
    ada.press("Alt+Backspace")
    expect(tiles(ada).first).to_have_attribute("data-state", "todo")
    ada.until(lambda: ada.drawn_masks() == 0)
    ada.until(lambda: "video=part_1&" in page.url)  # the address follows a moment later
    page.reload()
    until_on(ada, 1)
    ada.press("Alt+Backspace")

    ada.until(lambda: ada.drawn_masks() == 1)
    expect(tiles(ada).first).to_have_attribute("data-state", "previewed")
    expect(page.get_by_test_id("batch-bar")).to_be_visible()


def test_items_are_saved_processed_and_passed_over_by_keys(
    folder_server: LiveServer, page: Page
) -> None:
    ada = AnnotatorPage(page, folder_server.url)
    make_batch(ada)
    ada.press("Alt+o")
    until_on(ada, 2)
    ada.press("Alt+p")
    until_on(ada, 1)
    ada.click(*SHAFT)
    ada.press("Alt+q")
    until_on(ada, 2)
    expect(tiles(ada).first).to_have_attribute("data-state", "processed")
    ada.press("Alt+l")
    ada.until(lambda: ada.drawn_masks() == 1)
    ada.press("Alt+Enter")

    until_on(ada, 3)
    expect(tiles(ada).nth(1)).to_have_attribute("data-state", "previewed")


def test_two_people_are_sent_to_different_items(
    folder_server: LiveServer, new_page: NewPage
) -> None:
    ada, bob = (AnnotatorPage(new_page(), folder_server.url) for _ in range(2))
    make_batch(ada)
    bob.start()
    bob.page.get_by_test_id("batch-open").click()
    until_on(bob, 2)
    field = bob.page.get_by_test_id("my-name")
    bob.page.get_by_test_id("connection").click()
    field.fill("Bob")
    field.press("Enter")
    bob.press("Escape")

    expect(tiles(ada).nth(1)).to_have_attribute("title", re.compile("Bob is on it"))
    ada.click(*SHAFT)
    ada.press("Enter")
    until_on(ada, 3)
    expect(tiles(bob).first).to_have_attribute("data-state", "previewed")


def test_several_files_become_one_batch(
    folder_server: LiveServer, page: Page, clips: list[Path]
) -> None:
    ada = AnnotatorPage(page, folder_server.url)
    ada.start()
    page.get_by_test_id("file-input").set_input_files(clips)
    page.get_by_test_id("dropped-batch").click()
    expect(page.get_by_test_id("batch-name")).to_have_text("part")
    expect(tiles(ada)).to_have_count(3)

    names = [item["name"] for item in ada.state("batches.open.items")]
    assert names == list(NAMES)


def test_the_open_video_is_cut_at_marks(live_server: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, live_server.url)
    ada.open()
    bar = page.get_by_test_id("batch-bar")
    expect(bar).to_be_hidden()
    ada.go_to(30)
    ada.press("Alt+c")
    ada.go_to(12)
    ada.press("Alt+c", "Alt+b")
    expect(page.get_by_test_id("batch-marks")).to_have_value("12, 30")
    expect(page.get_by_test_id("batch-summary")).to_have_text("3 segments")
    page.get_by_test_id("batch-make").click()
    until_on(ada, 1)

    assert ada.state("video.open.num_frames") == 12
    expect(page.get_by_test_id("video-item")).to_have_count(1)  # the segments are not among them
    ada.press("Alt+n")
    until_on(ada, 2)
    assert ada.state("video.open.num_frames") == 18
    page.get_by_test_id("batch-bar-close").click()
    expect(bar).to_be_hidden()
