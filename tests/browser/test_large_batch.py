"""A batch of a thousand items costs the page what a small one does: its work is counted."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.annotating import make_moving_clip
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_batches import counts, tiles, until_on
from tests.conftest import WorkspaceDirs

pytestmark = pytest.mark.slow
ITEMS = 1000
TILES = 60  # in the page at 1280 px, with those on either side
REQUESTS = 90  # for what a window shows: pictures of tiles, one video with its masks

# From here on, count what changes in the strip of items and in the list of the panel.
COUNT_CHANGES = """() => {
    window.changes = 0;
    const watch = new MutationObserver((seen) => { window.changes += seen.length; });
    const all = { childList: true, subtree: true, attributes: true };
    for (const id of ["#batch-bar", "#batches"]) watch.observe(document.querySelector(id), all);
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a clip that is cut at every frame."""
    folder = tmp_path_factory.mktemp("large")
    dirs = WorkspaceDirs.made_in(folder)
    make_moving_clip(dirs.videos / "clip.mp4", ITEMS)
    with LiveServer(dirs, Path(folder) / "server.log") as running:
        cut = {"name": "long", "video_id": "clip", "cut": {"every_frames": 1}}
        ask(f"{running.url}/api/batches", cut)
        yield running


def ask(url: str, body: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)


def test_it_opens_jumps_and_scrolls_with_the_work_of_a_small_one(
    server: LiveServer, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    ada = AnnotatorPage(page, server.url)
    page.goto(f"{server.url}/?batch=long")
    expect(counts(ada)).to_have_text(re.compile("0 of 1.000 annotated"))
    expect(tiles(ada).first).to_be_visible()
    ada.painted()
    opening = [path for path in asked if path.startswith("/api/")]

    assert tiles(ada).count() <= TILES
    assert len(opening) <= REQUESTS, opening
    assert sum(path == "/api/batches/long" for path in opening) <= 2

    page.evaluate(COUNT_CHANGES)
    asked.clear()
    ada.press("Alt+g")
    page.keyboard.type("700")
    ada.press("Enter")
    until_on(ada, 700)
    jump = [path for path in asked if path.startswith("/api/")]
    expect(page.locator('.batch-tile[data-item="700"]')).to_be_in_viewport()
    changes = page.evaluate("window.changes")

    assert len(jump) <= REQUESTS, jump
    assert tiles(ada).count() <= TILES
    assert changes <= 40 * TILES, changes  # never each of a thousand items

    asked.clear()
    strip = page.get_by_test_id("batch-strip")
    strip.evaluate("node => { node.scrollLeft = node.scrollWidth; }")
    expect(page.locator(f'.batch-tile[data-item="{ITEMS}"]')).to_be_in_viewport()
    assert tiles(ada).count() <= TILES
    assert len(asked) <= REQUESTS
