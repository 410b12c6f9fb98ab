"""Measures the page with a batch of 1,000 items: ``python -m benchmarks.large_batch``.

A drawn clip is cut at every frame, so that every item is a video of one frame and none is a copy.
Opened: from the address to the items in the strip. Jump: from Enter behind a number to
that item's frame on screen, which is extracted then. Next: the same from the key to the item beside
it, which was extracted ahead. Strip, list and review grid are scrolled from end to end, a step in
every animation frame: the time between two frames on screen, and what the page's own code took.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page

from benchmarks.page import PROBE, WINDOW, browsing, machine_facts
from tests.annotating import make_moving_clip
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.workspace_dirs import WorkspaceDirs

JUMPS = (700, 12, 940, 333, 505, 81, 998)
STEPS = 15  # to the next item
PATIENCE_MS = 600_000
SCROLLED = 120  # animation frames from one end to the other
Figures = Iterator[tuple[str, float]]


def main() -> None:
    """Measure, and print a row for each figure as it is known."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    options = parser.parse_args()
    facts, figures = machine_facts() | {"items": options.items}, {}
    if not options.json:
        print(", ".join(f"{name} {value}" for name, value in facts.items()), flush=True)
    for name, value in measure(options.items):
        figures[name] = value
        if not options.json:
            print(f"{name:26} {value:10.2f}", flush=True)
    if options.json:
        print(json.dumps({"facts": facts, "figures": figures}, indent=2))


def measure(items: int) -> Figures:
    """Take all figures of a batch with so many items."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder), items) as server:
        yield "made_s", _make_batch(server)
        with browsing(gpu=False) as browser:
            page = browser.new_page(viewport=WINDOW)
            page.set_default_timeout(PATIENCE_MS)
            page.add_init_script(path=PROBE)
            yield from _work_page(page, server, items)
            yield from _review_page(page, server, items)


@contextmanager
def _serving(folder: Path, items: int) -> Iterator[LiveServer]:
    dirs = WorkspaceDirs.made_in(folder)
    make_moving_clip(dirs.videos / "clip.mp4", items)
    with LiveServer(dirs, folder / "server.log") as server:
        yield server


def _make_batch(server: LiveServer) -> float:
    """Cut the clip at every frame; return the seconds that took."""
    began_s = time.perf_counter()
    cut = {"name": "long", "video_id": "clip", "cut": {"every_frames": 1}}
    request = urllib.request.Request(
        f"{server.url}/api/batches",
        json.dumps(cut).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        answer.read()
    return time.perf_counter() - began_s


def _work_page(page: Page, server: LiveServer, items: int) -> Figures:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ada = AnnotatorPage(page, server.url)
    began_s = time.perf_counter()
    page.goto(f"{server.url}/?batch=long")
    page.get_by_test_id("batch-tile").first.wait_for()
    ada.painted()
    yield "opened_ms", _ms_since(began_s)
    yield "opening_requests", float(sum("/api/" in url for url in asked))
    yield "jump_p50_ms", median([_jump(ada, number) for number in JUMPS if number <= items])
    _jump(ada, 2)
    yield "next_p50_ms", median([_next(ada, number) for number in range(3, 3 + STEPS)])
    yield "tiles", float(page.get_by_test_id("batch-tile").count())
    yield "list_rows", float(page.get_by_test_id("batch-items").locator("li").count())
    yield from _scrolled("strip", page, "[data-testid=batch-strip]", "scrollLeft")
    yield from _scrolled("list", page, "[data-testid=batch-items]", "scrollTop")


def _review_page(page: Page, server: LiveServer, items: int) -> Figures:
    began_s = time.perf_counter()
    page.goto(f"{server.url}/review?batch=long")
    page.get_by_test_id("cell").first.wait_for()
    shown = page.get_by_test_id("number-cells")
    while int("".join(filter(str.isdigit, shown.inner_text())) or 0) < items:
        page.wait_for_timeout(5)
    page.get_by_test_id("loading").wait_for(state="hidden")
    yield "review_opened_ms", _ms_since(began_s)
    yield from _scrolled("grid", page, "[data-testid=grid]", "scrollTop")
    yield "cells", float(page.get_by_test_id("cell").count())


def _jump(ada: AnnotatorPage, number: int) -> float:
    ada.press("Alt+g")
    ada.page.keyboard.type(str(number))
    began_s = time.perf_counter()
    ada.press("Enter")
    _until_on(ada, number)
    return _ms_since(began_s)


def _next(ada: AnnotatorPage, number: int) -> float:
    ada.page.wait_for_timeout(300)  # so long somebody looks at an item at least
    began_s = time.perf_counter()
    ada.press("Alt+n")
    _until_on(ada, number)
    return _ms_since(began_s)


def _until_on(ada: AnnotatorPage, number: int) -> None:
    """Wait for the frame of this item on screen."""
    expression = """number => {
        const { batches, video } = window.__annotator?.store.state ?? {};
        const item = batches?.open?.items[number - 1];
        const { videoId, frameIdx } = document.querySelector("#stage").dataset;
        return Boolean(item) && video.open?.video_id === item.video_id
            && videoId === item.video_id && frameIdx === "0";
    }"""
    while not ada.page.evaluate(expression, number):
        ada.page.wait_for_timeout(2)


def _scrolled(name: str, page: Page, selector: str, along: str) -> Figures:
    """Scroll from end to end; the intervals between frames on screen, and the page's own share."""
    found: dict[str, Any] = page.evaluate(
        "([selector, along, count]) => __probe.scroll(selector, along, count)",
        [selector, along, SCROLLED],
    )
    yield f"{name}_scroll_p50_ms", median(found["intervals"])
    yield f"{name}_scroll_p95_ms", quantiles(found["intervals"], n=20)[-1]
    yield f"{name}_script_p95_ms", quantiles(found["script"], n=20)[-1]


def _ms_since(began_s: float) -> float:
    return (time.perf_counter() - began_s) * 1000


if __name__ == "__main__":
    main()
