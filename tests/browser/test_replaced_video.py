"""A video that comes under the id of a deleted one shows its own frames, not those kept before."""

from __future__ import annotations

import io
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.clips import make_clip
from tests.formats.archives import make_zip, picture


def colour_at(ada: AnnotatorPage, x: float, y: float) -> tuple[int, int, int]:
    """The colour on screen at a place of the frame."""
    image = Image.open(io.BytesIO(ada.page.screenshot())).convert("RGB")
    left, top = ada.screen(x, y)
    red, green, blue = np.asarray(image)[round(top), round(left)].tolist()
    return red, green, blue


def test_another_video_of_the_same_name_shows_its_own_frames(
    server_pool: ServerPool, page: Page, tmp_path: Path
) -> None:
    with server_pool.lend() as server:
        make_zip(server.dirs.videos / "shots.zip", {"0.png": picture(".png", (0, 0, 250))})
        ada = AnnotatorPage(page, server.url)
        ada.open("shots.zip")
        assert colour_at(ada, 10, 10)[0] > 200

        page.get_by_test_id("video-delete").click()
        expect(page.get_by_test_id("video-item")).to_have_count(0)
        again = make_zip(tmp_path / "shots.zip", {"0.png": picture(".png", (250, 0, 0))})
        page.get_by_test_id("file-input").set_input_files(again)
        page.get_by_test_id("video-item").click()
        ada.until_drawn(0)

        ada.until(lambda: colour_at(ada, 10, 10)[2] > 200)
        assert ada.state("video.open.video_id") == "shots"


def test_pixels_that_are_not_square_are_shown_as_wide_as_they_are(
    server_pool: ServerPool, page: Page
) -> None:
    with server_pool.lend() as server:
        clip = server.dirs.videos / "pal.mp4"
        make_clip(clip, size=(180, 144), pixel_aspect=Fraction(64, 45))
        ada = AnnotatorPage(page, server.url)
        ada.open("pal.mp4")
        (left, top), (right, bottom) = ada.screen(0, 0), ada.screen(180, 144)

        assert (right - left) / (bottom - top) == pytest.approx(180 * 64 / 45 / 144, rel=1e-3)
        red, green, _ = colour_at(ada, 175, 5)  # the corner that make_clip paints red
        assert red > 150 > green
        expect(page.locator("#video-facts")).to_have_attribute(
            "title", re.compile("Pixels are not square")
        )
