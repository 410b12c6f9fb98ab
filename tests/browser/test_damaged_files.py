"""A damaged file says so: in its row, beside the facts, and once when it is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.clips import make_clip, truncate

NOTE = "The file ends early; frames that could be read"


@pytest.fixture
def cut_off_server(server_pool: ServerPool, tmp_path: Path) -> Iterator[LiveServer]:
    """A server with a clip of which the end is missing, and a whole one."""
    whole = make_clip(tmp_path / "whole.mp4")
    options = {"movflags": "faststart"}
    cut = truncate(make_clip(tmp_path / "cut.mp4", frames=60, options=options), 0.6)
    with server_pool.lend() as server:
        for clip in (cut, whole):
            clip.rename(server.dirs.videos / clip.name)
        yield server


def test_a_damaged_file_is_not_taken_without_a_word(cut_off_server: LiveServer, page: Page) -> None:
    ada = AnnotatorPage(page, cut_off_server.url)
    ada.open("cut.mp4")
    told = page.get_by_test_id("toast").filter(has_text=NOTE)

    expect(told).to_contain_text("cut.mp4")
    row = page.get_by_test_id("video-item").filter(has_text="cut.mp4")
    expect(row.get_by_test_id("video-note")).to_contain_text(NOTE)
    facts = page.get_by_test_id("video-facts")
    expect(facts).to_have_attribute("title", re.compile(re.escape(NOTE)))

    told.get_by_label("Close").click()
    ada.page.get_by_test_id("video-item").filter(has_text="whole.mp4").click()
    ada.until(lambda: ada.state("video.open.name") == "whole.mp4" and ada.stage("frame-idx") == "0")
    expect(facts).to_have_attribute("title", "")
    expect(page.get_by_test_id("video-note").filter(visible=True)).to_have_count(1)
    ada.page.get_by_test_id("video-item").filter(has_text="cut.mp4").click()
    ada.until(lambda: ada.state("video.open.name") == "cut.mp4" and ada.stage("frame-idx") == "0")
    ada.painted()
    expect(told).to_have_count(0)
