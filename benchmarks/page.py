"""Measures the page in a real browser: ``python -m benchmarks.page``.

A video of 1080p with eight masks a frame is panned, zoomed, hovered and scrubbed, one step in every
animation frame. Interval: between two frames on screen, beside whatever else the machine does.
Script: what the page's own code took of it. CPU: of a step, in all processes of the browser. A
click counts from the press to its mask on screen. The goals are those of a screen of 60 Hz; a
browser without a GPU draws in software.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from benchmarks.scenes import FULL_HW, Scene, draw_frames, write_film
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.workspace_dirs import WorkspaceDirs

PROBE = Path(__file__).with_name("page_probe.js")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking")
WINDOW = ViewportSize(width=1920, height=1080)
EXTRACTED_S = 900.0  # the most that the extraction of a video may take
PAIRS = 8
MASKED_FRAMES = 24  # per pair, to scrub through with masks
STEPS = 240  # of panning, zooming and hovering: 4 s at 60 Hz
CLICKS = 24
LATE_MS = 20.0  # a longer interval missed a frame of a 60 Hz screen
GOALS = {
    "interactive_ms": 1000.0,
    "pan_late_share": 0.05,
    "zoom_late_share": 0.05,
    "hover_late_share": 0.05,
    "pan_script_p95_ms": 8.0,
    "zoom_script_p95_ms": 8.0,
    "hover_script_p95_ms": 8.0,
}
Figures = dict[str, float]


def main() -> None:
    """Measure, and print a row for each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frames", type=int, default=1000, help="of the video that is scrubbed")
    parser.add_argument("--gpu", action="store_true", help="let the browser use one")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.add_argument("--screenshot", type=Path, help="keep a picture of the page with the masks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder), options.frames) as served:
        server, scene = served
        with browsing(gpu=options.gpu) as browser:
            figures = measure(browser, server, scene, options.frames, options.screenshot)
    if options.json:
        print(json.dumps({"facts": machine_facts(), "figures": figures, "goals": GOALS}, indent=2))
        return
    print(", ".join(f"{name} {value}" for name, value in machine_facts().items()))
    for name, value in figures.items():
        goal = GOALS.get(name)
        met = "" if goal is None else f"  goal {goal:g}: {'met' if value <= goal else 'missed'}"
        print(f"{name:26} {value:10.2f}{met}")


def measure(
    browser: Browser, server: LiveServer, scene: Scene, frames: int, screenshot: Path | None
) -> Figures:
    """Take all figures, in the order of a day's work."""
    page = browser.new_page(viewport=WINDOW)
    page.add_init_script(path=PROBE)
    ada = AnnotatorPage(page, server.url)
    ada.open("film.mp4")
    figures: Figures = {"interactive_ms": page.evaluate("__probe.interactive_ms")}
    ada.until(lambda: ada.state("video.open.state") == "ready", EXTRACTED_S)
    figures |= _clicks(ada, scene)
    _track(ada)
    ada.page.reload()
    ada.until_drawn(0)
    ada.until(lambda: ada.drawn_masks() == PAIRS)
    if screenshot:
        page.screenshot(path=screenshot)
    for name in ("pan", "zoom", "hover"):
        before_s = cpu_s(browser)
        figures |= _smoothness(name, page.evaluate(f"__probe.{name}({STEPS})"))
        figures[f"{name}_cpu_ms"] = (cpu_s(browser) - before_s) * 1000 / STEPS
    found = page.evaluate(f"__probe.scrub({2 * MASKED_FRAMES}, {MASKED_FRAMES})")
    found = page.evaluate(f"__probe.scrub({STEPS}, {MASKED_FRAMES})")  # frames decoded by now
    figures |= _smoothness("scrub", found) | {"scrub_frames_shown": found["drawn"]}
    before_mb = _renderer_mb(browser)
    page.evaluate(f"__probe.scrub(1000, {frames})")
    page.wait_for_timeout(1000)
    figures |= {"memory_mb": before_mb, "memory_after_1000_mb": _renderer_mb(browser)}
    page.close()
    return figures


def _clicks(ada: AnnotatorPage, scene: Scene) -> Figures:
    """Time clicks on all pairs in turn, from the press to the mask on screen."""
    found = []
    for count in range(CLICKS):
        pair = count % PAIRS
        _select(ada, pair)
        x, y = scene.target(pair)
        ada.click(x + 9 * (count // PAIRS), y)
        found.append(ada.state("session.latency.ms"))
        ada.page.mouse.move(5, 5)
    later = found[PAIRS:]
    return {"click_p50_ms": median(later), "click_p95_ms": quantiles(later, n=20)[-1]}


def _select(ada: AnnotatorPage, pair: int) -> None:
    """Select pair 0 to 7: two instances of four regions."""
    while len(ada.state("annotations.instances") or []) <= pair // 4:
        known = len(ada.state("annotations.instances"))
        ada.page.get_by_test_id("add-instance").click()
        ada.until(lambda: len(ada.state("annotations.instances")) > known)  # noqa: B023 - waited for here
    ada.press(str(pair // 4 + 1))
    ada.until(lambda: ada.state("annotations.instance_id") == pair // 4 + 1)
    region = ada.state(f"annotations.regions.{pair % 4}.name")
    while ada.state("annotations.region") != region:
        ada.press("Tab")


def _track(ada: AnnotatorPage) -> None:
    """Make eight masks on each of the first frames."""
    url = f"{ada.url}/api/videos/{ada.state('video.open.video_id')}/propagate"
    body = {"pairs": "all", "start": 0, "end": MASKED_FRAMES - 1, "direction": "forward"}
    job = _ask(url, body)
    while _ask(f"{ada.url}/api/jobs/{job['job_id']}")["state"] in ("queued", "running"):
        time.sleep(0.5)


def _ask(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        return json.load(answer)


def _smoothness(name: str, found: dict[str, Any]) -> Figures:
    intervals, script = found["intervals"], found["script"]
    late = sum(interval > LATE_MS for interval in intervals)
    return {
        f"{name}_interval_p50_ms": median(intervals),
        f"{name}_interval_p95_ms": quantiles(intervals, n=20)[-1],
        f"{name}_late_share": late / len(intervals),
        f"{name}_script_p50_ms": median(script),
        f"{name}_script_p95_ms": quantiles(script, n=20)[-1],
    }


def _processes(browser: Browser) -> list[dict[str, Any]]:
    session = browser.new_browser_cdp_session()
    found: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return found


def cpu_s(browser: Browser) -> float:
    """CPU time of all browser processes, which other load on the machine does not change."""
    return float(sum(process["cpuTime"] for process in _processes(browser)))


def _renderer_mb(browser: Browser) -> float:
    """Resident memory of the largest renderer process, which holds the page."""
    renderers = [found["id"] for found in _processes(browser) if found["type"] == "renderer"]
    return max(resident_mb(int(pid)) for pid in renderers)


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _serving(folder: Path, frames: int) -> Iterator[tuple[LiveServer, Scene]]:
    dirs = WorkspaceDirs(folder / "videos", folder / "outputs")
    for folder_path in dirs:
        folder_path.mkdir()
    scene = draw_frames(folder / "scene", min(frames, 100), FULL_HW)
    write_film(scene, dirs.videos / "film.mp4", frames)
    server = LiveServer(dirs, folder / "log")
    try:
        server.start()
        yield server, scene
    finally:
        server.stop()


@contextmanager
def browsing(*, gpu: bool) -> Iterator[Browser]:
    """A Chromium of this machine without windows."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    flags = [*FLAGS, *(() if gpu else ("--disable-gpu",))]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


def machine_facts() -> dict[str, Any]:
    """Cores, load and kind of this machine."""
    load, *_ = os.getloadavg()
    return {"cpus": os.cpu_count(), "load": round(load, 1), "machine": platform.machine()}


if __name__ == "__main__":
    main()
