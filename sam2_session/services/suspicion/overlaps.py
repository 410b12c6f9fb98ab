"""Doubts about masks that lie over those of another instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.types import SessionKey
from sam2_session.services.suspicion.pair_measures import Floats, grid_of
from sam2_session.services.suspicion.scoring import WIDE, Doubt, ramp, usual_around

Box = tuple[int, int, int, int]
Traits = Mapping[int, MaskTraits]
LEAST_SHARE = 0.15  # of the smaller mask
MUCH, MOST = 0.35, 0.75  # of it: two things are never seen in one place, however long it lasts


def overlap_doubts(
    key: SessionKey, frames: Sequence[int], all_traits: Mapping[SessionKey, Traits]
) -> Doubt:
    """Compare with every pair of the same region of another instance."""
    shares, names = np.zeros(len(frames)), [""] * len(frames)
    own = all_traits.get(key, {})
    boxes = _boxes(own, frames)
    for other, traits in all_traits.items():
        if other.instance_id == key.instance_id or other.region != key.region:
            continue
        for at in map(int, np.flatnonzero(_may_overlap(boxes, _boxes(traits, frames)))):
            share = overlap(own[frames[at]], traits[frames[at]])
            if share > shares[at]:
                shares[at], names[at] = share, f"{other.instance_id} {other.region}"
    unusual = shares - np.nan_to_num(usual_around(shares, WIDE))
    values = np.maximum(0.7 * ramp(unusual, LEAST_SHARE, 0.6), 0.7 * ramp(shares, MUCH, MOST))
    return Doubt(values, lambda at: f"{100 * shares[at]:.0f} % of it or of {names[at]} lie in both")


def _boxes(traits: Traits, frames: Sequence[int]) -> Floats:
    """The boxes of these frames' masks, with their areas: (n, 5), zero where there is none."""
    boxes = np.zeros((len(frames), 5))
    for at, frame_idx in enumerate(frames):
        found = traits.get(frame_idx)
        if found is not None and found.facts.box is not None:
            boxes[at] = (*found.facts.box, found.facts.area)
    return boxes


def _may_overlap(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Return whether boxes share enough for their masks to share a doubtful part."""
    wide = np.minimum(one[:, 2], other[:, 2]) - np.maximum(one[:, 0], other[:, 0])
    high = np.minimum(one[:, 3], other[:, 3]) - np.maximum(one[:, 1], other[:, 1])
    least = np.minimum(one[:, 4], other[:, 4])
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    return np.asarray((least > 0) & (shared > LEAST_SHARE * least))


def overlap(one: MaskTraits, other: MaskTraits) -> float:
    """Return the shared part of two masks, of the smaller one; about, from their grids."""
    if one.facts.box is None or other.facts.box is None:
        return 0.0
    shared = _shared(one.facts.box, other.facts.box)
    if shared is None:
        return 0.0
    x0, y0, x1, y1 = shared
    xs = np.linspace(x0, x1, MaskTraits.GRID, endpoint=False)
    ys = np.linspace(y0, y1, MaskTraits.GRID, endpoint=False)
    both = _at(one, xs, ys) & _at(other, xs, ys)
    area = both.mean() * (x1 - x0) * (y1 - y0)
    return float(min(1.0, area / max(1, min(one.facts.area, other.facts.area))))


def _shared(one: Box, other: Box) -> Box | None:
    x0, y0 = max(one[0], other[0]), max(one[1], other[1])
    x1, y1 = min(one[2], other[2]), min(one[3], other[3])
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _at(
    traits: MaskTraits, xs: Floats, ys: Floats
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Look a mask up on a raster of its frame, in px."""
    assert traits.facts.box is not None
    x0, y0, x1, y1 = traits.facts.box
    side = MaskTraits.GRID
    columns = np.clip(((xs - x0) * side / (x1 - x0)).astype(int), 0, side - 1)
    rows = np.clip(((ys - y0) * side / (y1 - y0)).astype(int), 0, side - 1)
    return grid_of(traits)[np.ix_(rows, columns)]
