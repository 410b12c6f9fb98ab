"""Processing a batch on the page: held, stopped, retried, downloaded; the whole way by keys."""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Page, expect

from tests.annotating import BODY
from tests.browser.conftest import DEMO_CLIP
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT
from tests.browser.test_batches import FOLDER, counts, make_batch, tiles, until_on
from tests.flagged_clips import two_scenes, write_clip
from training.video import write_video

FOCUSED = "document.activeElement.dataset.testid ?? ''"


def demo_frames(count: int) -> npt.NDArray[np.uint8]:
    with av.open(str(DEMO_CLIP)) as container:
        decoded = itertools.islice(container.decode(video=0), count)
        return np.stack([frame.to_ndarray(format="rgb24") for frame in decoded])


def write_pieces(server: LiveServer, pieces: int, frames: int) -> None:
    """Put consecutive pieces of the demo clip into a folder of the server's videos."""
    home = server.dirs.videos / FOLDER
    home.mkdir()
    shown = demo_frames(pieces * frames)
    for number in range(pieces):
        part = shown[number * frames : (number + 1) * frames]
        write_video(home / f"part_{number + 1}.mp4", part, Fraction(25))


@pytest.fixture
def server(server_pool: ServerPool) -> Iterator[LiveServer]:
    """A server without any video."""
    with server_pool.lend() as lent:
        yield lent


def annotate_all(ada: AnnotatorPage, pieces: int) -> None:
    """Click on the object in every item; Enter saves it, and opens the next one."""
    for number in range(1, pieces + 1):
        until_on(ada, number)
        ada.click(*SHAFT)
        ada.press("Enter")
    expect(counts(ada)).to_have_text(f"{pieces} of {pieces} annotated")


def annotate_all_by_keys(ada: AnnotatorPage, pieces: int) -> None:
    """The same without a mouse: Enter clicks, Alt+Enter saves."""
    for number in range(1, pieces + 1):
        until_on(ada, number)
        if number == 1:
            ada.press("_")
        ada.point_by_keys(*SHAFT)
        ada.press_and_settle("Enter")
        ada.press("Alt+Enter")
    expect(counts(ada)).to_have_text(f"{pieces} of {pieces} annotated")


def downloaded(page: Page, *keys: str) -> list[str]:
    """Press keys, and list what is in the ZIP that they download."""
    with page.expect_download() as download:
        for key in keys:
            page.keyboard.press(key)
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_processing_is_held_stopped_retried_and_downloaded(server: LiveServer, page: Page) -> None:
    write_pieces(server, pieces=3, frames=24)
    ada = AnnotatorPage(page, server.url)
    make_batch(ada)
    annotate_all(ada, 3)
    second = ada.state("batches.open.items.1.video_id")
    ada.until(lambda: ada.state("batches.open.items.1.extracted") == 24)
    broken = server.dirs.outputs / second / "frames/00003.jpg"
    picture = broken.read_bytes()
    broken.unlink()
    broken.mkdir()  # nothing can be extracted again to there
    page.get_by_test_id("batch-process").click()
    page.get_by_test_id("processing-format").select_option("green_screen")
    page.get_by_test_id("processing-offset").fill("19800")
    page.get_by_test_id("processing-start").click()
    pause, cancel = page.get_by_test_id("batch-pause"), page.get_by_test_id("batch-cancel")
    pause.click()
    expect(counts(ada)).to_contain_text(re.compile(r"On hold at item \d of 3"))
    expect(pause).to_have_text("Resume")
    pause.click()
    expect(pause).to_have_text("Pause")
    expect(counts(ada)).to_contain_text("Processing item")
    cancel.click()
    expect(cancel).to_be_hidden()
    expect(counts(ada)).to_contain_text("3 of 3 annotated")

    ada.press("Alt+a")
    page.get_by_test_id("processing-start").click()
    retry = page.get_by_test_id("batch-retry")
    expect(retry).to_be_visible()
    expect(tiles(ada).nth(1)).to_have_attribute("data-state", "failed")
    expect(tiles(ada).nth(1)).to_have_attribute("title", re.compile("00003.jpg was not written"))
    broken.rmdir()
    broken.write_bytes(picture)
    retry.click()
    expect(counts(ada)).to_have_text("3 of 3 annotated · 3 processed")
    expect(page.get_by_test_id("batch-download")).to_be_visible()

    names = downloaded(page, "Alt+s")
    pictures = sorted(name for name in names if name.endswith(".png"))
    assert pictures == [f"frame_{number:06d}_masked.png" for number in range(19800, 19872)]
    page.get_by_test_id("batch-more").click()
    expect(page.get_by_role("menuitem", name="Download green screen")).to_be_visible()


def test_a_batch_is_renamed_deleted_and_brought_back(server: LiveServer, page: Page) -> None:
    write_pieces(server, pieces=2, frames=3)
    ada = AnnotatorPage(page, server.url)
    make_batch(ada)
    name = page.get_by_test_id("batch-name")
    page.get_by_test_id("batch-more").click()
    page.get_by_test_id("batch-edit").click()
    page.get_by_test_id("batch-rename").fill("Morning, theatre 3")
    ada.press("Enter")
    expect(name).to_have_text("Morning, theatre 3")
    expect(page.get_by_test_id("batch-open")).to_contain_text("Morning, theatre 3")
    ada.press("Alt+k")
    expect(tiles(ada).first).to_have_attribute("data-state", "skipped")

    page.get_by_test_id("batch-more").click()
    page.get_by_test_id("batch-delete").click()
    expect(page.get_by_test_id("batch-row")).to_have_count(0)
    gone = page.get_by_test_id("toast").filter(has_text="Morning, theatre 3 is in the trash.")
    gone.get_by_test_id("toast-action").click()

    expect(name).to_have_text("Morning, theatre 3")
    expect(tiles(ada).first).to_have_attribute("data-state", "skipped")


def test_the_open_video_is_cut_at_its_scene_cuts(
    server_pool: ServerPool, tmp_path: Path, page: Page
) -> None:
    clip = tmp_path / "shots.mp4"
    write_clip(clip, two_scenes())
    with server_pool.lend(clip) as server:
        ada = AnnotatorPage(page, server.url)
        ada.open("shots.mp4")
        ada.press("Alt+b")
        page.get_by_label("at scene cuts").check()
        page.get_by_test_id("batch-make").click()
        expect(tiles(ada)).to_have_count(2)
        until_on(ada, 1)
        ada.click(*BODY)
        ada.press("Enter")
        until_on(ada, 2)

        assert ada.state("video.open.source.first_frame") == 12
        expect(counts(ada)).to_have_text("1 of 2 annotated")


def walk_to(ada: AnnotatorPage, testid: str, key: str) -> None:
    """Press a key until this control has the focus."""
    for _ in range(40):
        if ada.page.evaluate(FOCUSED) == testid:
            return
        ada.press(key)
    pytest.fail(f"{testid} is not reached by {key}")


@pytest.mark.slow
def test_twelve_pieces_by_keyboard_from_the_first_click_to_green_screens(
    server: LiveServer, page: Page
) -> None:
    """No button of a mouse is pressed."""
    write_pieces(server, pieces=12, frames=4)
    ada = AnnotatorPage(page, server.url)
    make_batch(ada)
    annotate_all_by_keys(ada, 12)
    with page.expect_popup() as popup:
        ada.press("Alt+v")
    review = popup.value
    expect(review.get_by_test_id("number-cells")).to_have_text("12")
    review.keyboard.press("ArrowRight")
    review.keyboard.press("x")
    review.keyboard.press("2")
    expect(review.get_by_test_id("number-rejected")).to_have_text("1")
    review.keyboard.press("ArrowLeft")  # back from the next one, to which it went
    review.keyboard.press("Enter")
    fixing = AnnotatorPage(review, server.url)
    second = ada.state("batches.open.items.1.video_id")
    fixing.until(lambda: fixing.stage("video-id") == second and fixing.stage("frame-idx") == "0")
    fixing.press("_")
    fixing.point_by_keys(190, 140)
    fixing.press_and_settle("Enter")
    fixing.press("Backspace")
    expect(review.get_by_test_id("number-rejected")).to_have_text("0")
    review.keyboard.press("Control+a")
    review.keyboard.press("y")
    expect(review.get_by_test_id("number-approved")).to_have_text("12")
    review.close()

    ada.press("Alt+a")
    walk_to(ada, "processing-format", "Shift+Tab")
    page.keyboard.type("Green")
    walk_to(ada, "processing-offset", "Tab")
    page.keyboard.type("19800")
    ada.press("Enter")
    expect(counts(ada)).to_contain_text("12 processed")
    ready = page.get_by_test_id("toast").filter(has_text="12 items are processed.")
    expect(ready.get_by_test_id("toast-action")).to_have_text("Download")
    names = downloaded(page, "Alt+s")

    pictures = sorted(name for name in names if name.endswith(".png"))
    assert pictures == [f"frame_{number:06d}_masked.png" for number in range(19800, 19848)]
