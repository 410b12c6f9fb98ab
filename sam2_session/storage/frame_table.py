"""Builds the table of frame times: exact from the decoder, repaired where a file has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sam2_session.core.numbers import is_rate, time_base_of

RATE_TOLERANCE = Fraction(1, 1000)  # rounding of timestamps, not a different rate


@dataclass(frozen=True, slots=True)
class FrameTable:
    """One row per frame in presentation order; `pts` rise strictly, in units of `time_base`.

    `source_start` is the time of the source's first frame, if the table begins at a later one.
    """

    time_base: Fraction
    pts: tuple[int, ...]
    source_numbers: tuple[int, ...]  # frame number in the source; damaged frames leave gaps
    source_start: int | None = None

    @classmethod
    def empty(cls) -> FrameTable:
        """Table of a video that has not been read yet."""
        return cls(Fraction(1), (), ())

    def first(self, count: int) -> FrameTable:
        """Table of the first `count` frames."""
        return FrameTable(
            self.time_base, self.pts[:count], self.source_numbers[:count], self.source_start
        )

    def between(self, first: int, last: int) -> FrameTable:
        """Table of the frames with these source numbers, both included."""
        rows = [
            row
            for row in zip(self.pts, self.source_numbers, strict=True)
            if first <= row[1] <= last
        ]
        start = self.pts[0] if self.source_start is None and self.pts else self.source_start
        return FrameTable(
            self.time_base, tuple(pts for pts, _ in rows), tuple(n for _, n in rows), start
        )

    def to_wire(self) -> list[dict[str, Any]]:
        """Convert to rows for the wire; `time_s` counts from the first frame.

        `source_time_s` counts from the first frame of the source.
        """
        first = self.pts[0] if self.pts else 0
        start = first if self.source_start is None else self.source_start
        return [
            {
                "frame_idx": frame_idx,
                "pts": pts,
                "time_s": round(float((pts - first) * self.time_base), 6),
                "source_time_s": round(float((pts - start) * self.time_base), 6),
                "source_number": number,
            }
            for frame_idx, (pts, number) in enumerate(
                zip(self.pts, self.source_numbers, strict=True)
            )
        ]

    def rate(self, nominal: Fraction) -> Fraction:
        """Frames per second: the file's nominal rate if the table agrees, else the mean."""
        if len(self.pts) < 2:
            return nominal
        span = (self.pts[-1] - self.pts[0]) * self.time_base
        mean = (len(self.pts) - 1) / span
        off = abs(span - (len(self.pts) - 1) / nominal)
        agrees = off <= self.time_base * 2 or abs(mean / nominal - 1) < RATE_TOLERANCE
        return nominal if agrees else mean


def build_table(
    frame_pts: Sequence[int | None],
    packet_pts: Sequence[int],
    *,
    time_base: Fraction,
    rate: Fraction,
) -> FrameTable:
    """Build the table from the times of decoded frames, in presentation order, and packets.

    Times that make no sense, years or microseconds apart, become even ones at `rate`.
    """
    pts = increasing(frame_pts, step=max(1, round(1 / (rate * time_base))))
    numbers = source_numbers(pts, packet_pts)
    if not are_sensible(pts, time_base):
        return FrameTable(1 / rate, tuple(range(len(pts))), numbers)
    return FrameTable(time_base, pts, numbers)


def are_sensible(pts: Sequence[int], time_base: Fraction) -> bool:
    """Return whether frames at these times, which rise, have a rate and a unit in bounds."""
    if len(pts) < 2:
        return time_base_of(time_base) is not None
    return time_base_of(time_base) is not None and is_rate(
        (len(pts) - 1) / ((pts[-1] - pts[0]) * time_base)
    )


def increasing(frame_pts: Sequence[int | None], *, step: int) -> tuple[int, ...]:
    """Make frame times strictly increasing; exact ones stay unchanged.

    AVI stores no times: readers number its packets in file order, so with B-frames the set is right
    but the order is wrong, and some may be missing.
    """
    known = sorted(pts for pts in frame_pts if pts is not None)
    if len(known) == len(frame_pts) == len(set(known)):
        return tuple(known)
    filled: list[int] = []
    for pts in frame_pts:
        least = filled[-1] + 1 if filled else None
        guess = filled[-1] + step if filled else 0
        value = guess if pts is None else pts
        filled.append(value if least is None else max(value, least))
    return tuple(filled)


def source_numbers(pts: Sequence[int], packet_pts: Sequence[int]) -> tuple[int, ...]:
    """Number each frame among all frames of the source, counting damaged ones."""
    ranks = {time: rank for rank, time in enumerate(sorted(set(packet_pts)))}
    numbers = [ranks.get(time, -1) for time in pts]
    if -1 in numbers or any(a >= b for a, b in pairwise(numbers)):
        return tuple(range(len(pts)))
    return tuple(numbers)
