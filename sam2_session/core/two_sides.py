"""Chooses between the masks that the two passes of a fill found on one frame."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_AGREEMENT = 0.6  # IoU of the two masks; with less they disagree
ALIKE = 0.8  # from here on they show the same, and time alone decides
SURE_SCORE = 3.0  # object scores are log-odds: beyond 3 the model is no surer


@dataclass(frozen=True, slots=True)
class PassMask:
    """The mask of one pass: the model's object score, and the frames since its prompted frame."""

    score: float
    distance: int


def takes_first(first: PassMask, second: PassMask, agreement: float) -> bool:
    """Return whether the mask of the first pass is to be kept; `agreement` is the IoU of both.

    Masks that agree drift with time, so the nearer prompted frame decides. Of masks that differ the
    surer one is kept, whether it shows the object or not; far from its prompted frame a mask counts
    for less.
    """
    if agreement >= ALIKE:
        return first.distance <= second.distance
    way = max(1, first.distance + second.distance)
    return _sureness(first) * second.distance / way >= _sureness(second) * first.distance / way


def _sureness(mask: PassMask) -> float:
    return min(abs(mask.score), SURE_SCORE)
