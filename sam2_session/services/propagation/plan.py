"""Plans which frames a propagation visits, in which order, and for which pairs."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from sam2_session.core.types import Direction, SessionKey


@dataclass(frozen=True, slots=True)
class PlannedFrame:
    """One visit of a frame: the pairs tracked on it, and the direction of the pass."""

    frame_idx: int
    reverse: bool
    keys: tuple[SessionKey, ...]

    def without(self, left: Set[SessionKey]) -> PlannedFrame:
        """Return the visit without these pairs."""
        return replace(self, keys=tuple(key for key in self.keys if key not in left))


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run outward from a frame of each pair (`firsts`), forward before backward.

    That is its first prompted frame, unless the request names another one.

    The order is fixed because the result depends on it: a backward pass attends to the frames that
    the forward pass found beside the prompt.
    """

    firsts: Mapping[SessionKey, int]
    start: int
    end: int
    direction: Direction

    def frames(self) -> list[PlannedFrame]:
        """List all visits; a job's cursor, where a stopped run continues, is its index."""
        frames: list[PlannedFrame] = []
        if self.direction != Direction.BACKWARD:
            frames += self._forward()
        if self.direction != Direction.FORWARD:
            frames += self._backward()
        return frames

    def span(self, key: SessionKey) -> tuple[int, int]:
        """Return the first and last frame that are visited for a pair."""
        first = self.firsts[key]
        low = first if self.direction == Direction.FORWARD else self.start
        high = first if self.direction == Direction.BACKWARD else self.end
        return (max(low, self.start), min(high, self.end))

    def is_second_visit(self, key: SessionKey, frame_idx: int, *, reverse: bool) -> bool:
        """Whether this visit of the backward pass repeats one of the forward pass."""
        return self.direction == Direction.BOTH and reverse and frame_idx == self.firsts[key]

    def _forward(self) -> list[PlannedFrame]:
        begins = {key: max(first, self.start) for key, first in self.firsts.items()}
        frames = []
        for frame_idx in range(min(begins.values()), self.end + 1):
            keys = tuple(key for key, begin in begins.items() if begin <= frame_idx)
            frames.append(PlannedFrame(frame_idx, False, keys))
        return frames

    def _backward(self) -> list[PlannedFrame]:
        begins = {key: min(first, self.end) for key, first in self.firsts.items()}
        frames = []
        for frame_idx in range(max(begins.values()), self.start - 1, -1):
            keys = tuple(key for key, begin in begins.items() if begin >= frame_idx)
            frames.append(PlannedFrame(frame_idx, True, keys))
        return frames

    def to_json(self) -> dict[str, Any]:
        """Describe the plan for the jobs table."""
        pairs = [
            {"instance_id": key.instance_id, "region": key.region, "first": first}
            for key, first in self.firsts.items()
        ]
        ends = {"start": self.start, "end": self.end, "direction": self.direction.value}
        return {"pairs": pairs, **ends}

    @classmethod
    def from_json(cls, video_id: str, data: Mapping[str, Any]) -> RunPlan:
        """Restore the plan that `to_json` described."""
        firsts = {
            SessionKey(video_id, pair["instance_id"], pair["region"]): pair["first"]
            for pair in data["pairs"]
        }
        return cls(firsts, data["start"], data["end"], Direction(data["direction"]))
