"""Trusts masks that are like one nearby which a person made or approved."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sam2_session.services.suspicion.pair_measures import Floats, PairMeasures

Indices = npt.NDArray[np.int64]

REACH = 6  # frames up to which a reviewed mask speaks for others
SIZE, SIZE_A_FRAME = 0.1, 0.04  # change of the logarithms of area, width and height
PLACE, PLACE_A_FRAME = 0.1, 0.08  # of the root of the area


def unlike_reviewed(measures: PairMeasures) -> Floats:
    """Return 0 for a mask like a reviewed one nearby, 1 for one that is not or has none nearby."""
    unlike = np.ones(len(measures.frames))
    for at in map(int, np.flatnonzero(measures.reviewed)):
        gaps = np.abs(measures.frames - measures.frames[at])
        near = np.flatnonzero(gaps <= REACH)
        unlike[near] = np.minimum(unlike[near], _difference(measures, near, at, gaps[near]))
    return unlike


def _difference(measures: PairMeasures, near: Indices, at: int, gaps: Indices) -> Floats:
    """Compare masks with the one at an index: 0 within what a few frames may change, up to 1."""
    is_empty = measures.areas[near] == 0
    if measures.areas[at] == 0:
        return np.where(is_empty, 0.0, 1.0)
    sizes = np.abs(measures.sizes[near, :3] - measures.sizes[at, :3]).max(axis=1)
    side = np.sqrt(measures.areas[at])
    moved = np.linalg.norm(measures.centres[near] - measures.centres[at], axis=1) / side
    most = np.maximum(sizes / (SIZE + SIZE_A_FRAME * gaps), moved / (PLACE + PLACE_A_FRAME * gaps))
    return np.where(is_empty, 1.0, np.clip(np.nan_to_num(most, nan=2.0) - 1, 0.0, 1.0))
