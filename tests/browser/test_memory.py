"""A long look at a video: what the page keeps of frames and masks stays within its bounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.processes import descendants
from tests.workspace_dirs import WorkspaceDirs

FRAMES = 80  # decoded they take 664 MB, and all their masks as much again
WIDTH, HEIGHT = 1920, 1080
MOST_MB = 760  # frames 320, masks 192, and what the browser needs to draw them
MOST_HEAP_MB = 12


def make_clip(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for frame_idx in range(FRAMES):
            image = np.full((HEIGHT, WIDTH, 3), 2 * frame_idx, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


def make_masks(folder: Path) -> None:
    """Write masks as another tool would; each covers most of its frame."""
    folder.mkdir(parents=True)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (WIDTH // 2, HEIGHT // 2), (940, 520), 0, 0, 360, 255, -1)
    png = cv2.imencode(".png", mask)[1].tobytes()
    for number in range(1, FRAMES + 1):
        (folder / f"{number:05d}.png").write_bytes(png)


@pytest.fixture
def long_server(workspace_dirs: WorkspaceDirs, tmp_path: Path) -> Iterator[LiveServer]:
    make_clip(workspace_dirs.videos / "long.mp4")
    make_masks(workspace_dirs.outputs / "long" / "instance1" / "masks_overall")
    with LiveServer(workspace_dirs, tmp_path / "server.log") as server:
        yield server


def browser_mb() -> float:
    """Memory of all processes of the browser, shared pages counted once."""
    total_kb = 0
    for pid, command in descendants(os.getpid()).items():
        try:
            if "chrom" in command:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total_kb += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:  # it ended meanwhile
            continue
    return total_kb * 1024 / 1e6


def heap_mb(session: CDPSession) -> float:
    """Memory of the page's own objects, garbage left out."""
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return (
        float(next(metric["value"] for metric in metrics if metric["name"] == "JSHeapUsedSize"))
        / 1e6
    )


@pytest.mark.slow
def test_frames_and_masks_of_a_whole_video_do_not_pile_up(
    long_server: LiveServer, page: Page
) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    ada = AnnotatorPage(page, long_server.url)
    ada.open("long.mp4")
    ada.until(lambda: len(ada.state("annotations.masks.1/overall") or {}) == FRAMES)
    ada.until(lambda: ada.drawn_masks() == 1)
    before_mb, heap_before_mb = browser_mb(), heap_mb(session)
    for frame_idx in range(1, FRAMES):
        ada.press("ArrowRight")
        ada.until_drawn(frame_idx)
        ada.until(lambda: ada.drawn_masks() == 1)

    assert browser_mb() - before_mb < MOST_MB
    assert heap_mb(session) - heap_before_mb < MOST_HEAP_MB
