"""Measures the page over far networks: ``python -m benchmarks.remote``.

A browser opens the page through a link of our own on this machine that delays and limits it.
Interactive: from navigation to the list of videos on screen. First: with an empty cache. Again: the
median of reloads. Requests and bytes are those of that load.
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
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize

from benchmarks.page import PROBE, browsing, machine_facts
from benchmarks.slow_link import SlowLink
from tests.browser.server import ROOT, LiveServer
from tests.conftest import WorkspaceDirs

WINDOW = ViewportSize(width=1280, height=720)
RELOADS = 5


class Network(NamedTuple):
    """A round trip, a rate in both directions, and the bars of a first and a later load."""

    round_trip_ms: float
    mbit_s: float
    first_bar_ms: float | None
    again_bar_ms: float | None


NETWORKS = (
    Network(0, 1000, None, 500),
    Network(50, 10, None, None),
    Network(150, 10, 2000, 800),
)


def main() -> None:
    """Measure each network, and print a row for it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    options = parser.parse_args()
    with _serving() as server, browsing(gpu=False) as browser:
        rows = [measure(browser, server, network) for network in NETWORKS]
    if options.json:
        print(json.dumps({"facts": machine_facts(), "rows": rows}, indent=2))
        return
    print(", ".join(f"{name} {value}" for name, value in machine_facts().items()))
    for network, row in zip(NETWORKS, rows, strict=True):
        print(
            f"{network.round_trip_ms:4.0f} ms {network.mbit_s:5.0f} Mbit/s"
            f"  first {row['first_ms']:5.0f} ms{_met(row['first_ms'], network.first_bar_ms)}"
            f"  again {row['again_ms']:5.0f} ms{_met(row['again_ms'], network.again_bar_ms)}"
            f"  {row['connections']:.0f} connections, {row['first_kb']:.0f} kB"
        )


def measure(browser: Browser, server: LiveServer, network: Network) -> dict[str, float]:
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


def _load(page: Page, url: str) -> float:
    page.goto(url)
    while (found := page.evaluate("__probe.interactive_ms")) is None:
        time.sleep(0.02)
    return float(found)


def _met(value: float, bar: float | None) -> str:
    return "" if bar is None else f" (bar {bar:.0f}: {'met' if value <= bar else 'missed'})"


@contextmanager
def _serving() -> Iterator[LiveServer]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dirs = WorkspaceDirs(folder / "videos", folder / "outputs")
        for path in dirs:
            path.mkdir()
        shutil.copy(ROOT / "videos" / "demo.mp4", dirs.videos)
        with LiveServer(dirs, folder / "log") as server:
            yield server


if __name__ == "__main__":
    main()
