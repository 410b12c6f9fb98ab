"""Packs columns of a table: runs of equal values, spans of frames, steps between numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import numpy as np


def runs_of(values: Iterable[Any]) -> list[Any]:
    """Return ``[value, count, value, count, …]`` of equal neighbours."""
    packed: list[Any] = []
    for value, equal in groupby(values):
        packed += (value, len(list(equal)))
    return packed


def spans_of(frames: Sequence[int]) -> list[list[int]]:
    """Return ``[[first, last], …]`` of rising frame indices, both ends included."""
    if not frames:
        return []
    rising = np.asarray(frames)
    breaks = np.flatnonzero(np.diff(rising) != 1)
    firsts = rising[np.concatenate(([0], breaks + 1))]
    lasts = rising[np.concatenate((breaks, [len(rising) - 1]))]
    return np.stack((firsts, lasts), 1).tolist()  # type: ignore[no-any-return]


def steps_of(numbers: Sequence[int]) -> list[int]:
    """Return whole numbers, each less the one before it; the first less 0."""
    return np.diff(np.asarray(numbers, np.int64), prepend=0).tolist()  # type: ignore[no-any-return]
