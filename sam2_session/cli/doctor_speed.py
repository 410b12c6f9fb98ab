"""Part of ``doctor``: how long a tracked frame takes here, by precision and threads."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sam2_session.client.workspaces import Studio
from sam2_session.folders import DEMO_CLIP
from sam2_session.runtime import monotonic
from sam2_session.settings import Settings

FRAMES = 24  # of the demo clip, if they do not take too long
LEAST_FRAMES = 3
BUDGET_S = 20.0  # for one precision and number of threads, by the estimate
WORTH = 0.9  # of the time: anything closer is left as it is


@dataclass(frozen=True, slots=True)
class TrackSpeed:
    """Seconds that a tracked frame of one object took; threads 0 on a GPU."""

    precision: str
    threads: int
    frame_s: float

    def __str__(self) -> str:
        plural = "s" * (self.threads > 1)
        threads = f" with {self.threads} thread{plural}" if self.threads else ""
        return f"{self.precision}{threads} {self.frame_s:.3f} s"

    @property
    def options(self) -> str:
        """The options that choose it."""
        threads = f" --torch-threads {self.threads}" if self.threads else ""
        return f"--precision {self.precision}{threads}"


def track_speeds(settings: Settings) -> list[TrackSpeed]:
    """Track the demo clip in each precision, with one thread and with all; as set comes first."""
    with _ways(settings) as ways, tempfile.TemporaryDirectory(prefix="sam2-session-") as folder:
        own = replace(
            settings, videos_dir=Path(folder) / "videos", outputs_dir=Path(folder) / "outputs"
        )
        return [_tracked(replace(own, precision=way[0], torch_threads=way[1])) for way in ways]


def speed_words(speeds: list[TrackSpeed]) -> tuple[str, str]:
    """Describe the figures, and say what would be faster; an empty hint if nothing is."""
    in_use, best = speeds[0], min(speeds, key=lambda speed: speed.frame_s)
    others = "".join(f", {speed}" for speed in speeds[1:])
    text = f"a tracked frame of one object takes in {in_use}{others}."
    if best.frame_s > WORTH * in_use.frame_s:
        return text, ""
    stale = " Masks saved in another precision are stale then." * (
        best.precision != in_use.precision
    )
    return text, f"Faster here: {best.options}.{stale}"


@contextmanager
def _ways(settings: Settings) -> Iterator[list[tuple[str, int]]]:
    """Give the ways to compute here, the one that is set first; threads are as before after it."""
    from sam2_session.inference.loading import (  # imports torch
        choose_device,
        choose_precision,
        limit_threads,
    )
    from sam2_session.inference.machine import describe_machine

    device = choose_device(settings.device)
    used, _ = choose_precision(settings.precision, device)
    computes, _ = choose_precision("auto", device)
    all_threads = describe_machine(settings.device).cpu_threads
    as_set = settings.torch_threads or all_threads
    counts = (as_set, 1, all_threads) if device.type == "cpu" else (0,)
    ways = [(name, count) for name in (used, computes, "fp32") for count in counts]
    try:
        yield list(dict.fromkeys(ways))
    finally:
        limit_threads(all_threads)


def _tracked(settings: Settings) -> TrackSpeed:
    with Studio.of(settings) as studio:
        video = studio.video(DEMO_CLIP)
        height, width = video.size_hw
        pair = video.instance(1)["overall"]
        pair.click(width / 2, height / 2, frame=0)
        frames = _frames_within(_model_in_use(studio)["frame_s"])
        began_s = monotonic()
        made = sum(1 for _ in pair.propagate(start=0, end=frames - 1, force=True))
        frame_s = (monotonic() - began_s) / made
    return TrackSpeed(settings.precision, settings.torch_threads, frame_s)


def _model_in_use(studio: Studio) -> Any:
    return next(row for row in studio.models() if row["state"] == "selected")


def _frames_within(frame_s: float | None) -> int:
    return FRAMES if not frame_s else max(LEAST_FRAMES, min(FRAMES, int(BUDGET_S / frame_s)))
