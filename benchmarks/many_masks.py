"""Times a video of many masks: ``python -m benchmarks.many_masks``.

20 pairs of 2,000 frames each, written through the services, not tracked: opening, walking the
suspicious places by `N` and `'`, and reading the curves. Of the session process the CPU time, of
the page the wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.page import WINDOW, browsing, machine_facts
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.formats.shapes.mask_traits import traits_of
from sam2_session.services.masks.mask_files import put_masks
from sam2_session.storage.mask_rows import MaskRow
from sam2_session.storage.op_rows import next_rev
from sam2_session.storage.trait_rows import save_traits
from tests.annotating import SIZE, Annotator, annotating, make_moving_clip, settings_of
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.workspace_dirs import WorkspaceDirs

REGIONS = ("overall", "shaft", "wrist", "gripper")
BATCH = 500
STEPS = 12
PATIENCE_MS = 300_000  # of a page on a busy machine
FAULTY = 97  # every such frame has a fault
Figures = dict[str, float]


def main() -> None:
    """Measure, and print a row for each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--instances", type=int, default=5, help="each has four regions")
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.add_argument("--no-page", action="store_true", help="without a browser")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_workspace(folder, options.instances, options.frames)
        figures = measure_services(folder)
        if not options.no_page:
            figures |= measure_page(folder, max(1, min(STEPS, options.frames // FAULTY)))
    if options.json:
        print(json.dumps({"facts": machine_facts(), "figures": figures}, indent=2))
        return
    for label, value in figures.items():
        print(f"{label:32} {value:10.1f}")


def make_workspace(folder: Path, instances: int, frames: int) -> None:
    """Extract a clip, and write masks of every pair on every frame."""
    os.fsync = lambda fd: None  # making them is not measured
    (folder / "videos").mkdir()
    make_moving_clip(folder / "videos/clip.mp4", frames)
    with annotating(settings_of(folder)) as ada:
        ada.open()
        for number in range(instances):
            instance = ada.call("create_instance", video_id="clip", name=f"tool {number + 1}")
            for at, region in enumerate(REGIONS):
                key = SessionKey("clip", instance["instance_id"], region)
                write_masks(ada, key, frames, phase=13 * (number * len(REGIONS) + at))


def write_masks(ada: Annotator, key: SessionKey, frames: int, *, phase: int) -> None:
    """Write a disc that moves; on some frames it jumps, halves or is gone."""
    project = ada.services._projects.get(key.video_id)
    for first in range(0, frames, BATCH):
        masks, traits = [], []
        for frame_idx in range(first, min(frames, first + BATCH)):
            mask_hw = disc(frame_idx, phase)
            score = 1.0 if (frame_idx + phase) % FAULTY in (1, 2, 3) else 8.0
            row = MaskRow(
                frame_idx, 0, MaskSource.PROPAGATED, mask_facts(mask_hw), run=1, score=score
            )
            masks.append((row, encode_gray8(mask_hw)))
            traits.append((key, frame_idx, traits_of(mask_hw, None)))
        put_masks(project, key, masks, rev=project.db.write(next_rev))
        project.db.write(partial(save_traits, traits=traits))


def disc(frame_idx: int, phase: int) -> BoolMask:
    """A disc on its way through the frame, with a fault now and then."""
    width, height = SIZE
    fault = (frame_idx + phase) % FAULTY
    x = 30 + (frame_idx + phase) % (width - 60) + (40 if fault == 1 else 0)
    radius = {2: 6.0, 3: 0.0}.get(fault, 14.0)
    ys, xs = np.mgrid[:height, :width]
    return np.asarray((xs - x) ** 2 + (ys - 20 - phase % 50) ** 2 < radius**2)


def measure_services(folder: Path) -> Figures:
    """Take the CPU of the calls behind opening and walking, in ms; the first and later ones."""
    figures: Figures = {}
    with annotating(settings_of(folder), first_seq=1000) as ada:
        calls: dict[str, Callable[[], Any]] = {
            "open": lambda: ada.command("open_video", video_id="clip"),
            "suspicions": lambda: ada.call("list_suspicions", video_id="clip"),
            "curves": lambda: ada.call("list_suspicion_curves", video_id="clip"),
            "runs": lambda: ada.call("list_runs", video_id="clip"),
        }
        for name, call in calls.items():
            figures[f"{name}_first_cpu_ms"] = _ms(call)
            figures[f"{name}_again_cpu_ms"] = median(_ms(call) for _ in range(5))
        key = {"video_id": "clip", "instance_id": 1, "region": "overall"}
        changed = []
        for frame_idx in range(5):
            ada.send("approve", key=key, frames=[[frame_idx, frame_idx]], approved=True)
            changed.append(_ms(calls["suspicions"]))
        figures["suspicions_after_change_cpu_ms"] = median(changed)
    return figures


def measure_page(folder: Path, steps: int) -> Figures:
    """Time the page: until it shows the frame, and from a key to the frame it goes to."""
    dirs = WorkspaceDirs(folder / "videos", folder / "outputs")
    with LiveServer(dirs, folder / "log") as server, browsing(gpu=False) as browser:
        ada = AnnotatorPage(browser.new_page(viewport=WINDOW), server.url)
        ada.page.set_default_timeout(PATIENCE_MS)
        began_s = time.perf_counter()
        ada.open("clip.mp4")
        figures: Figures = {"page_open_ms": 1000 * (time.perf_counter() - began_s)}
        ada.until(lambda: ada.state("suspicion.stops"), 300.0)
        figures["page_curves_ms"] = 1000 * (time.perf_counter() - began_s)
        for key in ("n", "'"):
            figures[f"page_{key}_ms"] = median(_stepped(ada, key) for _ in range(steps))
        ada.page.close()
    return figures


def _stepped(ada: AnnotatorPage, key: str) -> float:
    """Press a key, and wait until another frame is drawn."""
    before = ada.stage("frame-idx")
    began_s = time.perf_counter()
    ada.press(key)
    ada.until(lambda: ada.stage("frame-idx") != before)
    return 1000 * (time.perf_counter() - began_s)


def _ms(call: Callable[[], Any]) -> float:
    began_s = time.process_time()
    call()
    return 1000 * (time.process_time() - began_s)


if __name__ == "__main__":
    main()
