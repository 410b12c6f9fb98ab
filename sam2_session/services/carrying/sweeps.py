"""Follows placed keypoints along the frames, one way and the other, and joins both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sam2_session.core.types import Keypoint
from sam2_session.inference.point_flow import PointFlow
from sam2_session.services.carrying.frames import ObjectFrames
from sam2_session.services.prompts.keypoint_steps import by_frame

AGREE_SHARE = 0.01  # of the frame's diagonal; so near to each other both ways are averaged
DECIMALS = 2  # of a pixel

Place = tuple[float, float]  # x, y in source pixels
Found = dict[str, dict[int, Place]]  # by name and frame
Steps = Generator[int, None, Found]  # yields each frame it has been on


@dataclass(frozen=True, slots=True)
class Reach:
    """The frames that both ways go over: to carry to `first` … `last` from what is placed."""

    first: int
    last: int
    forward: range
    backward: range

    @classmethod
    def of(cls, placed: Sequence[Keypoint], first: int, last: int) -> Reach:
        """Begin each way at the placed keypoint that is the last to be met before the range."""
        starts, ends = [], []
        for name in {point.name for point in placed}:
            frames = [point.frame_idx for point in placed if point.name == name]
            starts.append(max((idx for idx in frames if idx <= first), default=min(frames)))
            ends.append(min((idx for idx in frames if idx >= last), default=max(frames)))
        start, end = min(starts, default=last + 1), max(ends, default=first - 1)
        return cls(first, last, range(start, last + 1), range(end, first - 1, -1))

    @property
    def steps(self) -> int:
        """The number of frames to go over, both ways together."""
        return len(self.forward) + len(self.backward)


def carry(frames: ObjectFrames, placed: Sequence[Keypoint], reach: Reach) -> Steps:
    """Follow all placed keypoints both ways; where neither way finds one, it has no place."""
    forward = yield from _sweep(frames, placed, reach.forward)
    backward = yield from _sweep(frames, placed, reach.backward)
    agree_px = AGREE_SHARE * float(np.hypot(*frames.size_hw))
    found: Found = {}
    for name in sorted({*forward, *backward}):
        at = sorted(point.frame_idx for point in placed if point.name == name)
        ways = forward.get(name, {}), backward.get(name, {})
        inside = (idx for idx in {**ways[0], **ways[1]} if reach.first <= idx <= reach.last)
        found[name] = {
            idx: _joined(ways[0].get(idx), ways[1].get(idx), _shares(at, idx), agree_px)
            for idx in sorted(inside)
        }
    return found


def _sweep(frames: ObjectFrames, placed: Sequence[Keypoint], order: Iterable[int]) -> Steps:
    """Follow placed keypoints in the order of these frames, each up to the next of its name."""
    found: Found = defaultdict(dict)
    flows: dict[str, PointFlow] = {}
    placed_on = by_frame(placed)
    for frame_idx in order:
        here = placed_on.get(frame_idx, [])
        for point in here:
            flows.pop(point.name, None)
        if flows or here:
            _step(frames, frame_idx, flows, found)
            flows |= _begun(frames, frame_idx, here)
        yield frame_idx
    return dict(found)


def _step(frames: ObjectFrames, frame_idx: int, flows: dict[str, PointFlow], found: Found) -> None:
    """Follow each point to one more frame, and drop those that are lost for good."""
    mask_hw = frames.mask(frame_idx)
    for name, flow in list(flows.items()):
        if mask_hw is None:
            flow.miss()
        elif (at := flow.follow(frames.picture(frame_idx), mask_hw)) is not None:
            found[name][frame_idx] = at
        if flow.is_lost:
            del flows[name]


def _begun(
    frames: ObjectFrames, frame_idx: int, here: Sequence[Keypoint]
) -> Mapping[str, PointFlow]:
    """Begin to follow what is placed on a frame, unless it is hidden or not on the object."""
    mask_hw = frames.mask(frame_idx) if any(point.visible for point in here) else None
    if mask_hw is None:
        return {}
    begun = {
        point.name: PointFlow(frames.picture(frame_idx), mask_hw, (point.x, point.y))
        for point in here
        if point.visible
    }
    return {name: flow for name, flow in begun.items() if not flow.is_lost}


def _shares(placed_at: Sequence[int], frame_idx: int) -> tuple[float, float]:
    """Weigh both ways: the nearer the placed keypoint a way comes from, the more."""
    before = [frame_idx - idx for idx in placed_at if idx < frame_idx]
    after = [idx - frame_idx for idx in placed_at if idx > frame_idx]
    if not before or not after:
        return (1.0, 0.0) if before else (0.0, 1.0)
    back, ahead = min(before), min(after)
    return ahead / (back + ahead), back / (back + ahead)


def _joined(
    one: Place | None, other: Place | None, shares: tuple[float, float], agree_px: float
) -> Place:
    """Average both ways if they agree; else take the one that comes from nearer."""
    if one is None or other is None:
        return _rounded(one or other or (0.0, 0.0))
    if np.hypot(one[0] - other[0], one[1] - other[1]) > agree_px:
        return _rounded(one if shares[0] >= shares[1] else other)
    x, y = (a * shares[0] + b * shares[1] for a, b in zip(one, other, strict=True))
    return _rounded((x, y))


def _rounded(at: Place) -> Place:
    return round(at[0], DECIMALS), round(at[1], DECIMALS)
