"""Measures the page over far networks: ``python -m benchmarks.remote``.

A browser opens the page through a link of our own on this machine that delays and limits it.
Interactive: from navigation to the list of videos on screen. First: with an empty cache. Again:
the median of reloads. Then a video of 1080p with frames of 700 kB: from a key to the next frame
on screen, a step every 400 ms, and to one further off; playback at half rate; a scrub over all.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import cv2
import numpy as np
from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.page import PROBE, browsing, machine_facts
from benchmarks.scenes import FULL_HW, draw_frames
from benchmarks.slow_link import SlowLink
from tests.browser.driver import AnnotatorPage
from tests.browser.server import ROOT, LiveServer
from tests.workspace_dirs import WorkspaceDirs

FILM = "film"
FILM_FRAMES = 120
STEP_MS = 400
PLAYED_MS = 6000
FRAME_BARS = {"next_p95_ms": 150.0, "skipped_share": 0.0, "scrub_gap_p95_ms": 100.0}
PROBE_FRAMES = Path(__file__).with_name("remote_probe.js")
WINDOW = ViewportSize(width=1280, height=720)
RELOADS = 5


class Network(NamedTuple):
    """A round trip, a rate in both directions, and the bars of a first and a later load."""

    round_trip_ms: float
    mbit_s: float
    first_bar_ms: float | None
    again_bar_ms: float | None


LOADS = (
    Network(0, 1000, None, 500),
    Network(50, 10, None, None),
    Network(150, 10, 2000, 800),
)
FRAMES_OVER = Network(50, 10, None, None)


def main() -> None:
    """Measure each network, and print a row for it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    options = parser.parse_args()
    with _serving() as server, browsing(gpu=False) as browser:
        rows = [measure_load(browser, server, network) for network in LOADS]
        frames = measure_frames(browser, server, FRAMES_OVER)
    if options.json:
        print(json.dumps({"facts": machine_facts(), "loads": rows, "frames": frames}, indent=2))
        return
    print(", ".join(f"{name} {value}" for name, value in machine_facts().items()))
    for network, row in zip(LOADS, rows, strict=True):
        print(
            f"{network.round_trip_ms:4.0f} ms {network.mbit_s:5.0f} Mbit/s"
            f"  first {row['first_ms']:5.0f} ms{_met(row['first_ms'], network.first_bar_ms)}"
            f"  again {row['again_ms']:5.0f} ms{_met(row['again_ms'], network.again_bar_ms)}"
            f"  {row['connections']:.0f} connections, {row['first_kb']:.0f} kB"
        )
    print(f"frames of 1080p at {FRAMES_OVER.round_trip_ms} ms, {FRAMES_OVER.mbit_s} Mbit/s:")
    for name, value in frames.items():
        print(f"  {name:18} {value:7.1f}{_met(value, FRAME_BARS.get(name))}")


def measure_load(browser: Browser, server: LiveServer, network: Network) -> dict[str, float]:
    """Load the page with an empty cache, then again and again."""
    with SlowLink(server.port, round_trip_ms=network.round_trip_ms, mbit_s=network.mbit_s) as link:
        context = browser.new_context(viewport=WINDOW)
        page = context.new_page()
        page.add_init_script(path=PROBE)
        first_ms = _load(page, link.url)
        first = {"first_kb": link.received_bytes / 1000, "connections": link.connections}
        again_ms = median(_load(page, link.url) for _ in range(RELOADS))
        context.close()
    return {"first_ms": first_ms, "again_ms": again_ms, **first}


def measure_frames(browser: Browser, server: LiveServer, network: Network) -> dict[str, float]:
    """Step, jump, play and scrub through a video that nobody has looked at."""
    with SlowLink(server.port, round_trip_ms=network.round_trip_ms, mbit_s=network.mbit_s) as link:
        context = browser.new_context(viewport=WINDOW)
        context.add_init_script(path=PROBE_FRAMES)
        ada = AnnotatorPage(context.new_page(), link.url)
        ada.open(FILM)
        ada.until(lambda: ada.state("video.open.state") == "ready", 600.0)
        ada.page.get_by_test_id("stage").focus()
        steps = [_key_to_frame(ada, frame_idx) for frame_idx in range(1, 31)]
        jumps = [_jump(ada, frame_idx) for frame_idx in (60, 90, 75, 50, 110, 40)]
        ada.go_to(0)
        shown, skipped = _play(ada)
        gaps = ada.page.evaluate("__frames.scrub()")
        context.close()
    return {
        "next_p50_ms": median(steps),
        "next_p95_ms": quantiles(steps, n=20)[-1],
        "jump_p50_ms": median(jumps),
        "skipped_share": skipped / max(1, shown + skipped),
        "scrub_gap_p95_ms": quantiles(gaps, n=20)[-1],
    }


def _key_to_frame(ada: AnnotatorPage, frame_idx: int) -> float:
    ada.press("ArrowRight")
    taken_ms = float(ada.page.evaluate(f"__frames.sinceKey({frame_idx})"))
    ada.page.wait_for_timeout(STEP_MS)
    return taken_ms


def _jump(ada: AnnotatorPage, frame_idx: int) -> float:
    ada.page.get_by_test_id("frame-number").fill(str(frame_idx))
    ada.press("Enter")
    taken_ms = float(ada.page.evaluate(f"__frames.sinceKey({frame_idx})"))
    ada.page.wait_for_timeout(3 * STEP_MS)
    return taken_ms


def _play(ada: AnnotatorPage) -> tuple[int, int]:
    """Play at half rate; frames shown and frames left out."""
    ada.page.get_by_test_id("stage").focus()
    ada.press("<", " ")
    ada.page.wait_for_timeout(PLAYED_MS)
    ada.press(" ")
    last, skipped = ada.state("playback.drawn_idx"), ada.state("playback.pace.skipped")
    return last - skipped, skipped


def _load(page: Page, url: str) -> float:
    page.goto(url)
    while (found := page.evaluate("__probe.interactive_ms")) is None:
        time.sleep(0.02)
    return float(found)


def _met(value: float, bar: float | None) -> str:
    return "" if bar is None else f" (bar {bar:.0f}: {'met' if value <= bar else 'missed'})"


def _draw_film(folder: Path) -> None:
    """Draw frames as grainy as those of a camera: about 700 kB each."""
    scene = draw_frames(folder, FILM_FRAMES, FULL_HW)
    grain = np.random.default_rng(22)
    for frame_idx in range(FILM_FRAMES):
        path = scene.frame(frame_idx)
        picture = cv2.imread(str(path))
        assert picture is not None, path
        noise = cv2.resize(grain.normal(0, 14, (540, 960)), FULL_HW[::-1])[:, :, None]
        path.unlink()  # frames that repeat are links to one file
        cv2.imwrite(
            str(path),
            np.clip(picture + noise, 0, 255),
            [cv2.IMWRITE_JPEG_QUALITY, 95],
        )


@contextmanager
def _serving() -> Iterator[LiveServer]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dirs = WorkspaceDirs(folder / "videos", folder / "outputs")
        for path in dirs:
            path.mkdir()
        shutil.copy(ROOT / "videos" / "demo.mp4", dirs.videos)
        _draw_film(dirs.videos / FILM)
        with LiveServer(dirs, folder / "log") as server:
            yield server


if __name__ == "__main__":
    main()
