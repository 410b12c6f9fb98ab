"""Many clients for a while, and a long video: the figures are printed, the losses asserted."""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.annotating import make_moving_clip
from tests.browser.server import LiveServer
from tests.clips import make_clip
from tests.journeys import disk
from tests.journeys.page import Page
from tests.workspace_dirs import WorkspaceDirs

pytestmark = pytest.mark.slow

CLIENTS, SECONDS, PAUSE_S = 8, 30.0, 0.5
FRAMES = 10_000
# One frame of outputs that nobody drops would be 750. Services alone in a process grew by 0.3 from
# frame 200 to 1100; a session process goes up and down by 6 MiB on the way: each thread has an
# arena of the allocator, each connection of SQLite a cache of 2 MiB. So memory is read often, and
# the median of the slopes between any two readings counts.
READ_AT = range(200, 1201, 100)
SLOPE_KIB_PER_FRAME = 16.0


@pytest.fixture
def server(workspace_dirs: WorkspaceDirs, tmp_path: Path) -> Iterator[LiveServer]:
    options = ("--precision", "fp32", "--feature-cache-mb", "16")  # full before we measure
    server = LiveServer(workspace_dirs, tmp_path / "server.log", *options)
    yield server
    server.stop()


def test_eight_annotators_click_while_a_run_goes(
    server: LiveServer, capsys: pytest.CaptureFixture[str]
) -> None:
    make_moving_clip(server.dirs.videos / "clip.mp4", 500)
    server.start()
    pages = [Page(server.url, f"client{n}") for n in range(CLIENTS)]
    first = pages[0]
    first.until(lambda: first.ask("open_video", video_id="clip")["video"]["extracted"] > 300)
    first.wait(first.act("add_point", 100, x=100.0, y=40.0, label=1))
    first.ask("propagate", video_id="clip", pairs="all")

    end_s = time.monotonic() + SECONDS
    while time.monotonic() < end_s:
        for n, page in enumerate(pages):
            page.act("add_point", n, region="wrist", x=20.0 + n, y=30.0, label=1)
        time.sleep(PAUSE_S)
    for page in pages:
        page.settle()
    time.sleep(1)
    report(capsys, "ack", [s for page in pages for s in page.acked_after_s.values()])
    report(capsys, "mask", [s for page in pages for s in page.masked_after_s.values()])
    for page in pages:
        page.close()
        stored = disk.ops_of(server.dirs.outputs / "clip", page.client_id)
        assert stored == [seq for seq, ack in page.acks.items() if "video" not in ack]


def test_a_video_of_ten_thousand_frames(
    server: LiveServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, frames in (("short", 100), ("clip", FRAMES)):
        make_clip(server.dirs.videos / f"{name}.mp4", frames=frames, size=(64, 48))
    server.start()
    first_mask_s("short", server)  # loads what a process loads once
    short_s, long_s = (first_mask_s(name, server) for name in ("short", "clip"))
    ada = Page(server.url, "ada")
    ada.ask("open_video", video_id="clip")
    ada.ask("propagate", video_id="clip", pairs="all", end=READ_AT[-1] + 50)
    memory = [read_memory(ada, server, frame_idx) for frame_idx in READ_AT]
    ada.close()
    slope = median_slope(memory)
    say(capsys, f"first mask of 100 frames {short_s:.2f} s, of {FRAMES} {long_s:.2f} s")
    say(capsys, f"{slope:.1f} KiB per frame; (frame, KiB) {memory}")

    assert long_s < 3 * short_s + 2
    assert slope < SLOPE_KIB_PER_FRAME


def first_mask_s(name: str, server: LiveServer) -> float:
    """Measure from opening a video to a mask of it."""
    page = Page(server.url, f"first {time.monotonic()}", name)
    started_s = time.monotonic()
    page.until(lambda: page.ask("open_video", video_id=name)["status"] == "applied")
    page.until(lambda: clicked(page))
    page.until(lambda: page.of("mask"))
    took_s = time.monotonic() - started_s
    page.close()
    return took_s


def clicked(ada: Page) -> bool:
    ack = ada.wait(ada.act("add_point", 0, x=10.0, y=10.0, label=1))
    time.sleep(0.05)
    return bool(ack["status"] == "applied")


def read_memory(ada: Page, server: LiveServer, frame_idx: int) -> tuple[int, int]:
    """Wait until the run has passed a frame; returns its frame and the session process's KiB."""

    def done() -> int:
        return max((one["done"] or 0 for one in ada.of("job_progress")), default=0)

    ada.until(lambda: done() > frame_idx, seconds=300)
    (pid, *_) = server.session_pids
    status = Path(f"/proc/{pid}/status").read_text()
    return done(), int(status.partition("RssAnon:")[2].split()[0])


def median_slope(points: list[tuple[int, int]]) -> float:
    """Find the median slope of lines through any two points: only steady growth tilts it."""
    pairs = itertools.combinations(points, 2)
    return statistics.median((y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairs)


def report(capsys: pytest.CaptureFixture[str], name: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=20)
    say(
        capsys, f"{name}: {len(seconds)}, p50 {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms"
    )


def say(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")
