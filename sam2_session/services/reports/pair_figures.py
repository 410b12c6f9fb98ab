"""Figures of one pair: how much of the video it covers, and what looks wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sam2_session.core.types import MaskSource
from sam2_session.formats.exporting.source import Pair
from sam2_session.storage.mask_rows import MaskRow

JUMP = 2.0  # times the area of both frames beside it, or less than its inverse: flicker
LOW_SCORE = 0.0  # log-odds: below, the model thinks that the object is not there


@dataclass(frozen=True, slots=True)
class Island:
    """A mask with pieces beside its largest one."""

    frame_idx: int
    pieces: int
    area: int


@dataclass(frozen=True, slots=True)
class PairRows:
    """Figures of a pair's masks that need no pixels."""

    pair: Pair
    masks: Mapping[int, MaskRow]  # by frame_idx, in order
    prompted: frozenset[int]
    stale: frozenset[int]
    num_frames: int


@dataclass(frozen=True, slots=True)
class PairFigures:
    """The figures of a pair; gaps are spans without masks between the first mask and the last."""

    rows: PairRows
    islands: Sequence[Island]
    gaps: Sequence[tuple[int, int]] = field(default=())
    flicker: Sequence[int] = field(default=())

    @classmethod
    def of(cls, rows: PairRows, islands: Sequence[Island]) -> PairFigures:
        """Work the figures out."""
        return cls(rows, islands, gaps_between(rows.masks), flicker_of(rows.masks))

    @property
    def label(self) -> str:
        return self.rows.pair.label

    @property
    def coverage(self) -> float:
        """Share of the video's frames that have a mask, absent ones included."""
        return len(self.rows.masks) / self.rows.num_frames if self.rows.num_frames else 0.0

    @property
    def by_hand(self) -> int:
        """Masks of a person: prompted or painted."""
        masks = self.rows.masks.values()
        return sum(mask.source is MaskSource.HUMAN and not mask.absent for mask in masks)

    @property
    def absent(self) -> int:
        return sum(mask.absent for mask in self.rows.masks.values())

    @property
    def approved(self) -> int:
        return sum(mask.approved for mask in self.rows.masks.values())

    @property
    def rejected(self) -> int:
        return sum(mask.rejection is not None for mask in self.rows.masks.values())

    @property
    def empty(self) -> int:
        """Masks without a pixel that nobody marked absent."""
        return sum(not mask.absent and not mask.facts.area for mask in self.rows.masks.values())

    @property
    def flags(self) -> Mapping[str, int]:
        """Masks by flag."""
        return Counter(flag.value for mask in self.rows.masks.values() for flag in mask.flags)

    @property
    def low_scores(self) -> int:
        """Masks of which the model itself thinks that the object is not there."""
        scores = (mask.score for mask in self.rows.masks.values() if not mask.approved)
        return sum(score is not None and score < LOW_SCORE for score in scores)


def gaps_between(frames: Collection[int]) -> list[tuple[int, int]]:
    """List the spans that are missing between the first frame and the last."""
    ordered = sorted(frames)
    pairs = zip(ordered, ordered[1:], strict=False)
    return [(before + 1, after - 1) for before, after in pairs if after > before + 1]


def flicker_of(masks: Mapping[int, MaskRow]) -> list[int]:
    """List the frames whose area jumps away from both frames beside it, and comes back."""
    found = []
    for frame_idx, mask in masks.items():
        before, after = masks.get(frame_idx - 1), masks.get(frame_idx + 1)
        if before is None or after is None or mask.absent or before.absent or after.absent:
            continue
        beside = (before.facts.area, after.facts.area)
        grows = mask.facts.area > JUMP * max(beside)
        shrinks = mask.facts.area * JUMP < min(beside)
        if grows or shrinks:
            found.append(frame_idx)
    return found
