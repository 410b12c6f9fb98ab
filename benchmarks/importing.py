"""Measures an import of many masks: ``python -m benchmarks.importing --pairs 20 --masks 2000``.

Each step of the job is timed, so that time at a full progress bar shows. The memory of the process
is read before, at its highest, and a moment after the job. ``--of FOLDER`` measures
another checkout beside this one, in turns, and prints the ratio.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.click_videos import SIZE, make_clip
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import BoolMask
from sam2_session.services.build import build_services
from sam2_session.settings import Settings

GOAL = 0.5  # of the time before
TURNS = 3
POLL_S = 0.05
REST_S = 2.0  # until the job has given back its memory
ENDED = ("done", "failed", "cancelled")
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Measure this checkout, or this one and another in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--masks", type=int, default=2000, help="of each pair, a frame each")
    parser.add_argument("--of", type=Path, help="another checkout, to compare with")
    parser.add_argument("--once", action="store_true", help="one import, as JSON")
    options = parser.parse_args()
    if options.once:
        sys.stdout.write(json.dumps(measure(options.pairs, options.masks)) + "\n")
        return
    folders = [ROOT, *([options.of] if options.of else [])]
    turns = [[_run(folder, options) for folder in folders] for _ in range(TURNS)]
    walls = [median(turn[at]["wall_s"] for turn in turns) for at in range(len(folders))]
    for at, folder in enumerate(folders):
        sys.stdout.write(f"{folder}: {walls[at]:.1f} s; {json.dumps(turns[-1][at])}\n")
    if options.of:
        sys.stdout.write(f"ratio {walls[0] / walls[1]:.2f}, goal {GOAL}\n")


def measure(pairs: int, masks: int) -> dict[str, Any]:
    """Import into an empty video; return seconds, also those after the last counted step."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("videos", "outputs", "checkpoints"):
            (folder / part).mkdir()
        make_clip(folder / "videos" / "clip.mp4", masks)
        file = _make_masks(folder / "masks.zip", pairs, masks)
        settings = Settings(
            videos_dir=folder / "videos",
            outputs_dir=folder / "outputs",
            checkpoints_dir=folder / "checkpoints",
            configs_dir=ROOT / "configs",
        )
        services = build_services(settings)
        try:
            return _import(services, file)
        finally:
            services.close()


def _import(services: Any, file: Path) -> dict[str, Any]:
    def call(operation: str, **fields: Any) -> Any:
        return services.handle(operation, fields)

    call("extract_video", video_id="clip")
    while call("get_video", video_id="clip")["state"] != "ready":
        time.sleep(POLL_S)
    upload = call("start_import", video_id="clip", name=file.name)
    file.replace(upload["path"])
    before_mb = _memory_mb()["VmRSS"]
    began, cpu = time.perf_counter(), time.process_time()
    job_id = call("import_file", video_id="clip", file_id=upload["upload_id"])["job_id"]
    moved, seen = began, -1
    while (job := call("get_job", job_id=job_id))["state"] not in ENDED:
        if job["done"] != seen:
            moved, seen = time.perf_counter(), job["done"]
        time.sleep(POLL_S)
    ended = time.perf_counter()
    time.sleep(REST_S)
    after_mb = _memory_mb()
    return {
        "state": job["state"],
        "wall_s": round(ended - began, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "after_last_step_s": round(ended - moved, 2),
        "before_mb": before_mb,
        "highest_mb": after_mb["VmHWM"],
        "after_mb": after_mb["VmRSS"],
    }


def _memory_mb() -> dict[str, int]:
    """Return the resident memory of this process, now and at its highest."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {words[0][:-1]: int(words[1]) // 1000 for words in lines if words[0].startswith("Vm")}


def _make_masks(path: Path, pairs: int, masks: int) -> Path:
    """Write a folder for each object, with a mask for each frame."""
    with zipfile.ZipFile(path, "w") as archive:
        for pair in range(pairs):
            for frame_idx in range(masks):
                mask_hw = _disc(pair, frame_idx)
                archive.writestr(f"tool {pair}/{frame_idx:05d}.png", encode_gray8(mask_hw))
    return path


def _disc(pair: int, frame_idx: int) -> BoolMask:
    width, height = SIZE
    y, x = np.ogrid[:height, :width]
    at = (10 + (pair * 17 + frame_idx) % (width - 20), 10 + pair * 7 % (height - 20))
    mask_hw: BoolMask = (x - at[0]) ** 2 + (y - at[1]) ** 2 < (5 + pair % 9) ** 2
    return mask_hw


def _run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Import once in a process of its own, with the sources of this checkout."""
    code = f"import runpy, sys; sys.path.insert(0, {str(folder)!r}); sys.path.append({str(ROOT)!r})"
    arguments = ["--once", "--pairs", str(options.pairs), "--masks", str(options.masks)]
    code += f"; sys.argv[1:] = {arguments!r}"
    code += f"; runpy.run_path({str(Path(__file__))!r}, run_name='__main__')"
    run = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, cwd=folder
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
