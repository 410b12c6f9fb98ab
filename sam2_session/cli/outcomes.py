"""Tells which of the frames that were to be tracked have masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sam2_session.client.pairs import Pair
from sam2_session.core.types import Direction
from sam2_session.services.propagation.plan import RunPlan

MASKS_MISSING = 3  # the exit code when a frame that was asked for has no mask


@dataclass(frozen=True, slots=True)
class PairOutcome:
    """The frames of a pair that were asked for, and those of them without a mask."""

    pair: Pair
    asked: range
    missing: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Describe it for ``--json``."""
        return {
            "instance_id": self.pair.instance_id,
            "region": self.pair.region,
            "start": self.asked.start,
            "end": self.asked.stop - 1,
            "missing": list(self.missing),
        }

    def to_line(self) -> str:
        """Describe it for people."""
        there = len(self.asked) - len(self.missing)
        line = f"{self.pair.instance_id}/{self.pair.region}: {there} of {len(self.asked)} frames"
        return line + (f"; none on {spans_text(self.missing)}\n" if self.missing else "\n")


def outcome_of(
    pair: Pair, direction: Direction, start: int | None = None, end: int | None = None
) -> PairOutcome:
    """Look which frames a run in this direction was to track, and which of them have a mask."""
    last = pair.video.num_frames - 1
    first_prompted = min((frame.frame_idx for frame in pair.prompts()), default=0)
    until = last if end is None else min(end, last)
    low, high = RunPlan({pair.key: first_prompted}, start or 0, until, direction).span(pair.key)
    asked = range(low, high + 1)
    there = {facts.frame_idx for facts in pair.facts()}
    return PairOutcome(pair, asked, tuple(idx for idx in asked if idx not in there))


def spans_text(frames: Sequence[int]) -> str:
    """Write frames as spans: ``3-7, 9``."""
    spans: list[list[int]] = []
    for frame_idx in frames:
        if spans and spans[-1][1] == frame_idx - 1:
            spans[-1][1] = frame_idx
        else:
            spans.append([frame_idx, frame_idx])
    return ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in spans)
