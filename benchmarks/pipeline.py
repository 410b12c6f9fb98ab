"""Measures whether a run keeps its device busy: ``python -m benchmarks.pipeline``.

A real run of the real services, from the JPEGs on disk to the last commit; only the network's work
is replaced: a wait of `--step-ms`, as long as a GPU would take, that leaves the processor to the
others. The figure is the wall time per frame over the time the device took for it: what reading,
upsampling, PNG, fsync, commits and events add. 1 is a device that never waits.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2

from benchmarks.scenes import ROOT, draw_frames
from sam2_session.core.events import Event, EventName
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.runtime import Signal, sleep
from sam2_session.services.build import SessionServices, build_services
from sam2_session.settings import Settings

REGIONS = ("overall", "shaft", "wrist", "gripper")


class WaitingStep:
    """Replaces `Engine.step`: reads the frame, waits, and returns the same masks again."""

    def __init__(self, engine: Engine, found: dict[SessionKey, Prediction], step_s: float) -> None:
        self._engine = engine
        self._found = found
        self._step_s = step_s
        self.busy_s = 0.0

    def __call__(
        self, keys: tuple[SessionKey, ...], frame_idx: int, **_: Any
    ) -> dict[SessionKey, Prediction]:
        features, video_id = self._engine.features, keys[0].video_id
        if features.read_ahead.take((video_id, frame_idx)) is None:
            features.prepare(video_id, frame_idx)
        started = time.perf_counter()
        sleep(self._step_s)
        self.busy_s += time.perf_counter() - started
        return {key: self._found[key] for key in keys}


def measure(folder: Path, *, frames: int, size_hw: tuple[int, int], step_s: float) -> float:
    """Measure wall time over device time, per frame of a run of four pairs."""
    settings = _settings(folder)
    scene = draw_frames(folder / "drawn", frames, size_hw)
    _write_video(folder / "videos" / "scene.mp4", [scene.frame(n) for n in range(frames)], size_hw)
    services = build_services(settings)
    try:
        _open(services)
        keys = [SessionKey("scene", 1, region) for region in REGIONS]
        for key, (x, y) in zip(keys, scene.targets, strict=True):
            services.handle("replace_prompts", {
                "video_id": "scene", "instance_id": 1, "region": key.region, "frame_idx": 0,
                "points": [{"x": x, "y": y, "label": 1}],
            })  # fmt: skip
        engine = services._slot.get()
        found = {key: engine.session(key)._prompted[0] for key in keys}
        step = WaitingStep(engine, found, step_s)
        engine.step = step  # type: ignore[method-assign, assignment]
        return _run_s(services) / step.busy_s
    finally:
        services.close()


def _open(services: SessionServices) -> None:
    opening = {"event": "open_video", "sid": "s", "data": {
        "client_id": "bench", "seq": 1, "video_id": "scene"}}  # fmt: skip
    services.handle("apply_op", opening)
    while services.handle("get_video", {"video_id": "scene"})["state"] != "ready":
        sleep(0.05)
    while services._slot.peek() is None:
        sleep(0.05)


def _run_s(services: SessionServices) -> float:
    ended = Signal()

    def hear(event: Event) -> None:
        if event.name is EventName.JOB_ENDED:
            ended.set()

    services.bus.subscribe(hear)
    started = time.perf_counter()
    services.handle("propagate", {"video_id": "scene", "pairs": "all", "force": True})
    ended.wait()
    return time.perf_counter() - started


def _settings(folder: Path) -> Settings:
    (folder / "videos").mkdir()
    return Settings(
        videos_dir=folder / "videos",
        outputs_dir=folder / "outputs",
        checkpoints_dir=ROOT / "checkpoints",
        configs_dir=ROOT / "configs",
    )


def _write_video(path: Path, frames: list[Path], size_hw: tuple[int, int]) -> None:
    height, width = size_hw
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (width, height))
    for frame in frames:
        picture = cv2.imread(str(frame))
        assert picture is not None, frame
        writer.write(picture)
    writer.release()


def _size(text: str) -> tuple[int, int]:
    width, height = map(int, text.split("x"))
    return height, width


def main() -> None:
    """Measure and print, and write the figure if asked to."""
    parser = argparse.ArgumentParser(description="Whether a run keeps its device busy.")
    parser.add_argument("--step-ms", type=float, default=50.0)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", type=_size, default="1920x1080", help="of the video, WxH")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ratio = measure(
            Path(folder), frames=args.frames, size_hw=args.size, step_s=args.step_ms / 1000
        )
    print(f"4 masks, a step of {args.step_ms:g} ms: wall / device time per frame {ratio:.3f}")
    if args.json:
        figures = {"pipeline": round(ratio, 4), "step_ms": args.step_ms, "frames": args.frames}
        args.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
