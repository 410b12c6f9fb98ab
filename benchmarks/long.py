"""Measures the page on a long video: ``python -m benchmarks.long``.

A video of 10,000 frames and eight pairs, a mask on each, beside one of 100 frames. Usable: from
navigation to the first frame and the lanes on screen. Heap: JavaScript's, after a collection.
Open: from `open_video`, sent over a second connection, to its whole answer. Scrub: one step in
every animation frame to and fro over the whole video, in both through 100 frames that were drawn
before: to decode and tint a mask for the first time takes what it takes. Script is what the page's
own code took of it, CPU what all processes of the browser took. Walk: from a key to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, Page, WebSocket

from benchmarks.long_project import make_long_project
from benchmarks.page import PROBE, WINDOW, browsing, cpu_s, machine_facts, resident_mb
from tests.browser.server import LiveServer
from tests.sockets import SimpleClient
from tests.workspace_dirs import WorkspaceDirs

LONG_PROBE = Path(__file__).with_name("long_probe.js")
VIDEO = "long"
SHORT_FRAMES = 100
STEPS = 240
WARM_SCRUBS = 3  # until each of the frames is there and was drawn
RELOADS = 3
WAIT_S = 300.0
# A long video may exceed the short one by this much, besides its own bound.
BARS = {"usable_ms": 1500.0, "heap_mb": 120.0, "open_kb": 400.0, "open_ms": 300.0}
OF_FOUR_PAIRS = ("open_kb", "open_ms")  # of more pairs more
SAME = {"scrub_script_p50_ms": 1.25, "scrub_cpu_ms": 1.25}
WALKS = ("PageDown", "n", "s")  # next prompted, suspicious, flagged frame
Figures = dict[str, float]


def main() -> None:
    """Measure both videos, and print a row for each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.add_argument("--keep", type=Path, help="make the videos there, or use those made before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, browsing(gpu=False) as browser:
        folder = options.keep or Path(made)
        found = {
            frames: _measured(browser, folder / f"{frames}x{options.pairs}", frames, options.pairs)
            for frames in (SHORT_FRAMES, options.frames)
        }
    short, long = found[SHORT_FRAMES], found[options.frames]
    if options.json:
        print(json.dumps({"facts": machine_facts(), "short": short, "long": long}, indent=2))
        return
    print(", ".join(f"{name} {value}" for name, value in machine_facts().items()))
    print(f"{'':22}{SHORT_FRAMES:>10}{options.frames:>10} frames, {options.pairs} pairs")
    for name, value in long.items():
        met = _met(name, value, short[name], options.pairs)
        print(f"{name:22}{short[name]:10.1f}{value:10.1f}{met}")


def _met(name: str, value: float, short: float, pairs: int) -> str:
    if name in BARS:
        bar = BARS[name] * (pairs / 4 if name in OF_FOUR_PAIRS else 1)
        return f"  bar {bar:g}: {'met' if value <= bar else 'missed'}"
    if name in SAME:
        bar = SAME[name] * max(short, 0.1)
        return f"  bar {SAME[name]:g} x short: {'met' if value <= bar else 'missed'}"
    return ""


def _measured(browser: Browser, folder: Path, frames: int, pairs: int) -> Figures:
    if folder.exists():
        dirs = WorkspaceDirs(folder / "videos", folder / "outputs")
    else:
        dirs = make_long_project(folder, frames=frames, pairs=pairs)
    with LiveServer(dirs, folder / "log") as server:
        return measure(browser, server, frames)


def measure(browser: Browser, server: LiveServer, frames: int) -> Figures:
    """Open the video, scrub over it and walk through what is marked."""
    page = browser.new_page(viewport=WINDOW)
    page.add_init_script(path=PROBE)
    page.add_init_script(path=LONG_PROBE)
    received: list[int] = []
    page.on("websocket", partial(_note_sizes, received))
    usable_ms = [_opened(page, server.url) for _ in range(RELOADS + 1)][1:]  # caches are filled
    figures: Figures = {"usable_ms": median(usable_ms), "open_kb": max(received) / 1000}
    before_s = _server_cpu_s(server)
    _opened(page, server.url)
    figures["open_server_cpu_ms"] = (_server_cpu_s(server) - before_s) * 1000
    figures["web_mb"] = resident_mb(server.pid)
    figures["heap_mb"] = _heap_mb(page)
    scrub = f"__probe.scrub({STEPS}, {SHORT_FRAMES}, {frames // SHORT_FRAMES})"
    for _ in range(WARM_SCRUBS):
        page.evaluate(scrub)
    before_s = cpu_s(browser)
    found = page.evaluate(scrub)
    figures["scrub_cpu_ms"] = (cpu_s(browser) - before_s) * 1000 / STEPS
    figures["scrub_script_p50_ms"] = median(found["script"])
    figures["scrub_script_p95_ms"] = quantiles(found["script"], n=20)[-1]
    for key in WALKS:
        taken = page.evaluate("key => __long.walk(key, 20)", key)
        figures[f"walk_{key}_p50_ms"] = median(taken)
    figures["heap_after_mb"] = _heap_mb(page)
    page.close()
    return {**figures, "open_ms": median(_open_ms(server) for _ in range(RELOADS))}


def _open_ms(server: LiveServer) -> float:
    """Open the video as the page does, beside it; time until the whole answer is here."""
    with SimpleClient() as client:
        client.connect(server.url, transports=["websocket"])
        request = {"client_id": secrets.token_hex(12), "seq": 1, "video_id": VIDEO}
        began_s = time.monotonic()
        answer = client.call("open_video", {**request, "form": "columns"}, timeout=WAIT_S)
        taken_ms = (time.monotonic() - began_s) * 1000
    assert answer["packed"], answer
    return taken_ms


def _note_sizes(received: list[int], socket: WebSocket) -> None:
    socket.on("framereceived", lambda frame: received.append(len(frame)))


def _opened(page: Page, url: str) -> float:
    """Load the page at the video; ms until it can be used. Returns once it has read the rest."""
    page.goto(f"{url}/?video={VIDEO}")
    until_s = time.monotonic() + WAIT_S
    while (usable_ms := page.evaluate("window.__long?.usable_ms ?? null")) is None:
        assert time.monotonic() < until_s, "the video did not open"
        time.sleep(0.05)
    page.wait_for_load_state("networkidle", timeout=WAIT_S * 1000)
    return float(usable_ms)


def _server_cpu_s(server: LiveServer) -> float:
    """CPU time of web and session process, which other load on the machine does not change."""
    ticks = 0
    for pid in (server.pid, *server.session_pids):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])  # user and system
    return ticks / os.sysconf("SC_CLK_TCK")


def _heap_mb(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used) / 1e6


if __name__ == "__main__":
    main()
