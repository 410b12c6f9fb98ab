"""Trusts masks near those that a person made or approved."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sam2_session.services.suspicion.pair_measures import Bools, Floats, PairMeasures

Indices = npt.NDArray[np.int64]

REACH = 6  # frames up to which a reviewed mask speaks for others
SIZE, SIZE_A_FRAME = 0.1, 0.04  # change of the logarithms of area, width and height
PLACE, PLACE_A_FRAME = 0.1, 0.08  # of the root of the area
APART_FRAMES = 3  # suspects further apart are of two stretches
LOOKED_AT = 0.45  # of their suspicion is left to a stretch in which one was found right


def unlike_reviewed(measures: PairMeasures) -> Floats:
    """Return 0 for a mask like a reviewed one nearby, 1 for one that is not or has none nearby."""
    unlike = np.ones(len(measures.frames))
    for at in map(int, np.flatnonzero(measures.reviewed)):
        if measures.areas[at] == 0:
            _trust_empty(measures, at, unlike)
            continue
        gaps = np.abs(measures.frames - measures.frames[at])
        near = np.flatnonzero(gaps <= REACH)
        unlike[near] = np.minimum(unlike[near], _difference(measures, near, at, gaps[near]))
    return unlike


def beside_approved(measures: PairMeasures, suspects: Bools) -> Floats:
    """Return what is left of the suspicion of each mask once a suspect beside it was approved.

    What made the masks of a stretch suspicious was right on one of them, so it is less of a doubt
    on the others, up to where one mask is unlike the next: there something else happened.
    """
    left = np.ones(len(measures.frames))
    ats = np.flatnonzero(suspects)
    if not len(ats) or not measures.approved[ats].any():
        return left
    far = np.diff(measures.frames[ats]) > APART_FRAMES
    ends = [at + 1 for at in range(len(far)) if far[at] or _jumps(measures, ats[at], ats[at + 1])]
    for stretch in np.split(ats, ends):
        if measures.approved[stretch].any() and measures.areas[stretch[0]] > 0:
            left[stretch] = LOOKED_AT
    return left


def _jumps(measures: PairMeasures, at: np.int64, after: np.int64) -> bool:
    """Return whether a mask is unlike one that lies behind it."""
    gap = measures.frames[[after]] - measures.frames[at]
    return bool(_difference(measures, np.array([after]), int(at), gap)[0] >= 1)


def _trust_empty(measures: PairMeasures, at: int, unlike: Floats) -> None:
    """Trust empty masks up to one that a person saw; whether the object came back since is open."""
    seen = np.flatnonzero(measures.areas[:at] > 0)
    before = np.arange(seen[-1] + 1 if len(seen) else 0, at + 1)
    is_near = measures.frames[at] - measures.frames[before] <= REACH
    unlike[before] = np.minimum(unlike[before], np.where(is_near, 0.0, LOOKED_AT))


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
