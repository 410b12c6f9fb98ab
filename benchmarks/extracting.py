"""Row for extraction: our extraction of frames against ffmpeg's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections import deque
from pathlib import Path

from benchmarks.bench import Bench, Row
from benchmarks.costs import Cost, middle, timed
from benchmarks.figures import Figure, LeftOut, ratio
from benchmarks.scenes import FULL_HW, draw_frames, write_film
from sam2_session.core.frame_files import file_number
from sam2_session.storage.atomic import fsync_files, fsync_folder
from sam2_session.storage.extraction import Extraction

FRAMES = 100
TURNS = 3
BEST_QUALITY = ("-qmin", "1", "-q:v", "1")  # ffmpeg's files are still smaller than ours


def extraction(bench: Bench, row: Row) -> Figure | LeftOut:
    """Extract a 1080p video as JPEGs; ours are also made durable."""
    if (ffmpeg := shutil.which("ffmpeg")) is None:
        return row.left_out("there is no ffmpeg here")
    frames = min(FRAMES, bench.plan.frames)
    with tempfile.TemporaryDirectory(dir=bench.folder) as name:
        folder = Path(name)
        film = write_film(
            draw_frames(folder / "drawn", frames, FULL_HW), folder / "film.mp4", frames
        )
        ours, theirs = list[Cost](), list[Cost]()
        for _ in range(TURNS):
            ours.append(timed(lambda: _extract(film, _empty(folder / "ours")))[0])
            theirs.append(_run_ffmpeg(ffmpeg, film, _empty(folder / "theirs")))
        sizes = [sum(path.stat().st_size for path in (folder / side).iterdir()) / 2**20
                 for side in ("ours", "theirs")]  # fmt: skip
    our_cost, their_cost = middle(ours), middle(theirs)
    return row.figure(
        ratio(our_cost.cpu_s, their_cost.cpu_s),
        1.2,
        ours=f"{our_cost}",
        plain=f"{their_cost}",
        note=f"{frames} frames; ours {sizes[0]:.1f} MiB, ffmpeg's (here as plain) {sizes[1]:.1f}",
    )


def _extract(film: Path, folder: Path) -> None:
    work = Extraction(film, lambda frame_idx: folder / f"{file_number(frame_idx)}.jpg")
    deque(work.run(), maxlen=0)
    fsync_files(list(folder.glob("*.jpg")))
    fsync_folder(folder)


def _run_ffmpeg(ffmpeg: str, film: Path, folder: Path) -> Cost:
    before, started = os.times(), time.perf_counter()
    quiet = [ffmpeg, "-nostdin", "-loglevel", "error"]
    command = [*quiet, "-i", str(film), *BEST_QUALITY, str(folder / "%05d.jpg")]
    subprocess.run(command, check=True)
    after = os.times()
    cpu_s = after.children_user - before.children_user
    cpu_s += after.children_system - before.children_system
    return Cost(cpu_s, time.perf_counter() - started)


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
