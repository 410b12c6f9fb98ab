"""Plans which frames a propagation visits, in which order, and for which pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
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
class Stretch:
    """Frames `first` to `last`, in the order of the pass, that a pair may be tracked on anew.

    Tracking begins at each of `starts`, and where a probe differs from what is there. It ends where
    the new masks agree with the old ones, unless this is the `whole` of what the run asks for. If
    `reverse`, the last frame is the lower.
    """

    key: SessionKey
    reverse: bool
    first: int
    last: int
    starts: tuple[int, ...]
    whole: bool = False

    @property
    def frames(self) -> range:
        """Its frames, in the order of the pass."""
        if self.reverse:
            return range(self.first, self.last - 1, -1)
        return range(self.first, self.last + 1)

    def to_json(self) -> list[Any]:
        """Describe it for the jobs table."""
        pair = [self.key.instance_id, self.key.region]
        return [*pair, self.reverse, self.first, self.last, list(self.starts), self.whole]

    @classmethod
    def from_json(cls, video_id: str, data: Sequence[Any]) -> Stretch:
        """Read what `to_json` wrote."""
        instance_id, region, reverse, first, last, starts, whole = data
        key = SessionKey(video_id, instance_id, region)
        return cls(key, reverse, first, last, tuple(starts), whole)


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run outward from a frame of each pair (`firsts`), forward before backward.

    That is its first prompted frame, unless the request names another one.

    The order is fixed because the result depends on it: a backward pass attends to the frames that
    the forward pass found beside the prompt. A run of `stretches` goes over these instead.
    """

    firsts: Mapping[SessionKey, int]
    start: int
    end: int
    direction: Direction
    stretches: tuple[Stretch, ...] | None = None

    def frames(self) -> list[PlannedFrame]:
        """List all visits; a job's cursor, where a stopped run continues, is its index."""
        if self.stretches is not None:
            return [*self._stretched(reverse=False), *self._stretched(reverse=True)]
        frames: list[PlannedFrame] = []
        if self.direction != Direction.BACKWARD:
            frames += self._forward()
        if self.direction != Direction.FORWARD:
            frames += self._backward()
        return frames

    def span(self, key: SessionKey) -> tuple[int, int]:
        """Return the first and last frame that are visited for a pair."""
        if own := [stretch for stretch in self.stretches or () if stretch.key == key]:
            ends = [end for stretch in own for end in (stretch.first, stretch.last)]
            return min(ends), max(ends)
        first = self.firsts[key]
        low = first if self.direction == Direction.FORWARD else self.start
        high = first if self.direction == Direction.BACKWARD else self.end
        return (max(low, self.start), min(high, self.end))

    def is_second_visit(self, key: SessionKey, frame_idx: int, *, reverse: bool) -> bool:
        """Return whether this visit of the backward pass repeats one of the forward pass."""
        if not reverse:
            return False
        if self.stretches is None:
            return self.direction == Direction.BOTH and frame_idx == self.firsts[key]
        return any(
            part.key == key and not part.reverse and part.whole and frame_idx in part.frames
            for part in self.stretches
        )

    def is_stretched(self, key: SessionKey) -> bool:
        """Tell if only stretches of a pair are tracked anew, not all that the run asks for."""
        own = [stretch for stretch in self.stretches or () if stretch.key == key]
        return bool(own) and not any(stretch.whole for stretch in own)

    def _stretched(self, *, reverse: bool) -> list[PlannedFrame]:
        found: dict[int, list[SessionKey]] = {}
        for stretch in self.stretches or ():
            for frame_idx in stretch.frames if stretch.reverse == reverse else ():
                found.setdefault(frame_idx, []).append(stretch.key)
        return [
            PlannedFrame(idx, reverse, tuple(found[idx])) for idx in sorted(found, reverse=reverse)
        ]

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
        if self.stretches is None:
            return {"pairs": pairs, **ends}
        return {"pairs": pairs, **ends, "stretches": [part.to_json() for part in self.stretches]}

    @classmethod
    def from_json(cls, video_id: str, data: Mapping[str, Any]) -> RunPlan:
        """Restore the plan that `to_json` described."""
        firsts = {
            SessionKey(video_id, pair["instance_id"], pair["region"]): pair["first"]
            for pair in data["pairs"]
        }
        listed = data.get("stretches")
        stretches = None
        if listed is not None:
            stretches = tuple(Stretch.from_json(video_id, part) for part in listed)
        direction = Direction(data["direction"])
        return cls(firsts, data["start"], data["end"], direction, stretches)
