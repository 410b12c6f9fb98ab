"""Calculates what a labelling centre needs: ``python -m benchmarks.centre [--annotators N]``.

Figures of docs/performance.md and assumptions about people go in; devices, memory, disk, network
and cost come out, of the whole centre and of one cluster of it. docs/scale.md holds the table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

KB, MB, GB, TB = 1e3, 1e6, 1e9, 1e12

# Measured: docs/performance.md
FRAME_BYTES = 700 * KB  # a frame of 1080p as extracted
NARROW_FRAME_BYTES = 105 * KB  # as the page draws it
MASK_BYTES = 3.9 * KB
TRACK_LOG_BYTES = 12 * KB  # a frame and pair of a run, in bfloat16
WEB_ACK_S, SESSION_ACK_S = 0.85e-3, 2.8e-3  # CPU of an acknowledged click
# Published for one A100: 91.2 frames a second with one object, of which 2.8 ms are the encoder's.
ENCODER_S, OBJECT_S = 2.8e-3, 8.2e-3
# Assumed: what a GPU takes for a click is mostly the way to it and back.
CLICK_S = 10e-3
BUSY_SHARE = 0.6  # of a device, so that clicks wait little and a node may fail


@dataclass(frozen=True, slots=True)
class Centre:
    """People and their videos; each person has one video open at a time."""

    annotators: int = 10_000
    videos: int = 1_000_000
    frames: int = 300
    pairs: int = 4
    minutes: float = 5.0  # a person's time for a video
    clicks: int = 30  # for a video
    looked_at: int = 60  # frames that are shown and encoded for it
    passes: float = 1.5  # times that its frames are tracked
    cluster_annotators: int = 250
    device_hour: float = 2.0  # price of a device
    fps: float = 30.0

    @property
    def step_s(self) -> float:
        """Time of a device for a tracked frame of all pairs."""
        return ENCODER_S + self.pairs * OBJECT_S

    @property
    def device_s(self) -> float:
        """Time of a device for a video."""
        clicked = self.clicks * CLICK_S + self.looked_at * ENCODER_S
        return self.passes * self.frames * self.step_s + clicked

    @property
    def annotators_per_device(self) -> float:
        """People that one device serves."""
        return BUSY_SHARE * self.minutes * 60 / self.device_s

    @property
    def devices(self) -> int:
        """Devices for all people."""
        return ceil(self.annotators / self.annotators_per_device)


def rows_of(centre: Centre) -> list[tuple[str, float, str]]:
    """Calculate every figure: its name, value and unit."""
    people, video_s = centre.annotators, centre.minutes * 60
    masks = centre.frames * centre.pairs
    per_s = people / video_s  # videos that are finished
    work_minute = centre.device_hour / 60 / centre.annotators_per_device
    video_minutes = centre.frames / centre.fps / 60
    frames_read = centre.passes * centre.frames + centre.looked_at
    shown = centre.looked_at * (NARROW_FRAME_BYTES + centre.pairs * MASK_BYTES)
    disk = {
        "frames": centre.frames * FRAME_BYTES,
        "masks": masks * MASK_BYTES,
        "track logs": masks * TRACK_LOG_BYTES,
    }
    return [
        ("videos at work at a time", people, ""),
        ("all videos done after", centre.videos / per_s / 3600, "h"),
        ("device time of a video", centre.device_s, "s"),
        ("people on a device", centre.annotators_per_device, ""),
        ("devices", centre.devices, ""),
        ("clicks", per_s * centre.clicks, "/s"),
        ("CPU of web processes for clicks", per_s * centre.clicks * WEB_ACK_S, "cores"),
        ("CPU of actors for clicks", per_s * centre.clicks * SESSION_ACK_S, "cores"),
        ("web processes, 250 people each", ceil(people / 250), ""),
        ("to browsers", per_s * shown / MB, "MB/s"),
        ("written: frames", per_s * disk["frames"] / MB, "MB/s"),
        ("read: frames", per_s * frames_read * FRAME_BYTES / MB, "MB/s"),
        ("written: mask files", per_s * masks * centre.passes, "files/s"),
        *((f"disk: {name}", bytes_ * centre.videos / TB, "TB") for name, bytes_ in disk.items()),
        ("files", centre.videos * (centre.frames + masks) / 1e6, "million"),
        ("device cost, a minute of work", work_minute, ""),
        ("device cost, a minute of video", work_minute * centre.minutes / video_minutes, ""),
    ]


def cluster_of(centre: Centre) -> Centre:
    """Return one of the clusters that the centre consists of."""
    share = centre.cluster_annotators / centre.annotators
    return replace(
        centre, annotators=centre.cluster_annotators, videos=round(centre.videos * share)
    )


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--annotators", type=int, default=Centre().annotators)
    parser.add_argument("--videos", type=int, default=Centre().videos)
    options = parser.parse_args(argv)
    centre = Centre(annotators=options.annotators, videos=options.videos)
    print(f"| | centre of {centre.annotators:,} | a cluster of {centre.cluster_annotators} |")
    print("|---|---|---|")
    for (name, value, unit), (_, part, _) in zip(
        rows_of(centre), rows_of(cluster_of(centre)), strict=True
    ):
        print(f"| {name} | {_text(value)} {unit} | {_text(part)} {unit} |")
    return 0


def _text(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
