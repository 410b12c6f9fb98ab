"""Notes a correction of a keypoint that was carried, and the frames that follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sam2_session.core.types import Keypoint
from sam2_session.storage.database import Transaction
from sam2_session.storage.keypoint_rows import derived_beside


@dataclass(frozen=True, slots=True)
class Correction:
    """A change of placed keypoints on a frame, after which these names are carried anew.

    `first` and `last` are the frames to carry to; `action` is undone together with the change.
    """

    video_id: str
    instance_id: int
    names: frozenset[str]
    first: int
    last: int
    action: int
    client_id: str | None

    def joined(self, later: Correction) -> Correction:
        """Join it with a later one of the same instance, under that one's action."""
        return Correction(
            self.video_id,
            self.instance_id,
            self.names | later.names,
            min(self.first, later.first),
            max(self.last, later.last),
            later.action,
            later.client_id,
        )


def names_corrected(before: Iterable[Keypoint], after: Iterable[Keypoint]) -> frozenset[str]:
    """Name the placed keypoints that differ between two states of a frame."""
    placed = [{_facts(point) for point in state if not point.derived} for state in (before, after)]
    return frozenset(name for name, *_ in placed[0] ^ placed[1])


def span_after(
    tx: Transaction, instance_id: int, frame_idx: int, names: Iterable[str]
) -> tuple[int, int] | None:
    """Find the frames to carry anew after a change on this one; None if nothing was carried.

    They reach up to the next placed keypoints of these names, and no further than it was carried.
    """
    found = [derived_beside(tx, instance_id, frame_idx, name) for name in sorted(names)]
    frames = [idx for span in found if span for idx in span]
    return (min(*frames, frame_idx), max(*frames, frame_idx)) if frames else None


def _facts(point: Keypoint) -> tuple[str, float, float, bool]:
    return (point.name, point.x, point.y, point.visible)


def placed_of(keypoints: Iterable[Keypoint], names: frozenset[str]) -> list[Keypoint]:
    """Select the keypoints that a person placed under these names, on each frame the first."""
    placed: dict[tuple[int, str], Keypoint] = {}
    for point in keypoints:
        if point.name in names and not point.derived:
            placed.setdefault((point.frame_idx, point.name), point)
    return list(placed.values())
