"""Which frames a propagation visits, in which order, for which pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sam2_session.core.types import Direction, SessionKey


@dataclass(frozen=True, slots=True)
class Step:
    """One frame, every key that is tracked on it, and which way the pass goes."""

    frame_idx: int
    reverse: bool
    keys: tuple[SessionKey, ...]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Outward from each pair's first prompted frame, forward before backward.

    The order is fixed because the result depends on it: a backward pass attends to the frames that
    the forward pass found beside the prompt.
    """

    firsts: Mapping[SessionKey, int]
    start: int
    end: int
    direction: Direction

    def steps(self) -> list[Step]:
        """All steps; the index of a step is the cursor at which a stopped run goes on."""
        steps: list[Step] = []
        if self.direction != Direction.BACKWARD:
            steps += self._forward()
        if self.direction != Direction.FORWARD:
            steps += self._backward()
        return steps

    def span(self, key: SessionKey) -> tuple[int, int]:
        """The first and last frame this plan visits for a pair."""
        first = self.firsts[key]
        low = first if self.direction == Direction.FORWARD else self.start
        high = first if self.direction == Direction.BACKWARD else self.end
        return (max(low, self.start), min(high, self.end))

    def _forward(self) -> list[Step]:
        begins = {key: max(first, self.start) for key, first in self.firsts.items()}
        steps = []
        for frame_idx in range(min(begins.values()), self.end + 1):
            keys = tuple(key for key, begin in begins.items() if begin <= frame_idx)
            steps.append(Step(frame_idx, False, keys))
        return steps

    def _backward(self) -> list[Step]:
        begins = {key: min(first, self.end) for key, first in self.firsts.items()}
        steps = []
        for frame_idx in range(max(begins.values()), self.start - 1, -1):
            keys = tuple(key for key, begin in begins.items() if begin >= frame_idx)
            steps.append(Step(frame_idx, True, keys))
        return steps

    def to_json(self) -> dict[str, Any]:
        """For the jobs table."""
        pairs = [
            {"instance_id": key.instance_id, "region": key.region, "first": first}
            for key, first in self.firsts.items()
        ]
        ends = {"start": self.start, "end": self.end, "direction": self.direction.value}
        return {"pairs": pairs, **ends}

    @classmethod
    def from_json(cls, video_id: str, data: Mapping[str, Any]) -> RunPlan:
        """Read what `to_json` wrote."""
        firsts = {
            SessionKey(video_id, pair["instance_id"], pair["region"]): pair["first"]
            for pair in data["pairs"]
        }
        return cls(firsts, data["start"], data["end"], Direction(data["direction"]))
