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
    count = len(measures.frames)
    unlike = _beside_seen_empty(measures)
    ats = np.flatnonzero(measures.reviewed & (measures.areas > 0))
    for offset in range(-REACH, REACH + 1):
        inside = ats[(ats + offset >= 0) & (ats + offset < count)]
        gaps = np.abs(measures.frames[inside + offset] - measures.frames[inside])
        inside, gaps = inside[gaps <= REACH], gaps[gaps <= REACH]
        near = inside + offset
        unlike[near] = np.minimum(unlike[near], _difference(measures, near, inside, gaps))
    return unlike


def beside_approved(measures: PairMeasures, suspects: Bools) -> Floats:
    """Return what is left of the suspicion of each mask once a suspect beside it was approved.

    What made the masks of a stretch suspicious was right on one of them, so it is less of a doubt
    on the others, up to where one mask is unlike the next: there something else happened.
    """
    left = np.ones(len(measures.frames))
    ats = np.flatnonzero(suspects)
    if not measures.approved[ats].any():
        return left
    gaps = np.diff(measures.frames[ats])
    jumps = _difference(measures, ats[1:], ats[:-1], gaps) >= 1
    for stretch in np.split(ats, np.flatnonzero((gaps > APART_FRAMES) | jumps) + 1):
        if measures.approved[stretch].any() and measures.areas[stretch[0]] > 0:
            left[stretch] = LOOKED_AT
    return left


def _beside_seen_empty(measures: PairMeasures) -> Floats:
    """Trust empty masks up to one that a person saw; whether the object came back since is open."""
    count = len(measures.frames)
    places = np.arange(count)
    empty = measures.areas == 0
    last_full = np.maximum.accumulate(np.where(empty, -1, places))  # the same in a stretch of empty
    following = np.where(measures.reviewed & empty, places, count - 1)
    following = np.minimum.accumulate(following[::-1])[::-1]  # the next one that a person saw
    known = empty & empty[following] & measures.reviewed[following]
    known &= last_full[following] == last_full
    is_near = measures.frames[following] - measures.frames <= REACH
    return np.where(known, np.where(is_near, 0.0, LOOKED_AT), 1.0)


def _difference(measures: PairMeasures, near: Indices, ats: Indices, gaps: Indices) -> Floats:
    """Compare masks with others: 0 within what a few frames may change, up to 1."""
    empty, other_empty = measures.areas[near] == 0, measures.areas[ats] == 0
    sizes = np.abs(measures.sizes[near, :3] - measures.sizes[ats, :3]).max(axis=1, initial=0.0)
    side = np.sqrt(np.maximum(1.0, measures.areas[ats]))
    moved = np.linalg.norm(measures.centres[near] - measures.centres[ats], axis=1) / side
    most = np.maximum(sizes / (SIZE + SIZE_A_FRAME * gaps), moved / (PLACE + PLACE_A_FRAME * gaps))
    unlike = np.clip(np.nan_to_num(most, nan=2.0) - 1, 0.0, 1.0)
    return np.where(empty | other_empty, np.where(empty & other_empty, 0.0, 1.0), unlike)
