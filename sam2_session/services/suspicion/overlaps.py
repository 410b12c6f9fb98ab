"""Doubts about masks that lie over those of another instance, as seldom before or after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.types import SessionKey
from sam2_session.services.suspicion.pair_measures import Floats
from sam2_session.services.suspicion.scoring import WIDE, Doubt, ramp, usual_around

Bools = npt.NDArray[np.bool_]
Traits = Mapping[int, MaskTraits]
LEAST_SHARE = 0.15  # of the smaller mask
SIDE = MaskTraits.GRID
MOST_AT_ONCE = 512  # masks that are compared in one go: 24 x 24 cells each


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
        found = np.flatnonzero(_may_overlap(boxes, _boxes(traits, frames)))
        for first in range(0, len(found), MOST_AT_ONCE):
            ats = list(map(int, found[first : first + MOST_AT_ONCE]))
            mine = [own[frames[at]] for at in ats]
            theirs = [traits[frames[at]] for at in ats]
            for at, share in zip(ats, overlaps(mine, theirs), strict=True):
                if share > shares[at]:
                    shares[at], names[at] = share, f"{other.instance_id} {other.region}"
    unusual = shares - np.nan_to_num(usual_around(shares, WIDE))
    values = 0.7 * ramp(unusual, LEAST_SHARE, 0.6)
    return Doubt(values, lambda at: f"{100 * shares[at]:.0f} % of it or of {names[at]} lie in both")


def overlaps(ones: Sequence[MaskTraits], others: Sequence[MaskTraits]) -> Floats:
    """Return the shared part of each two masks, of the smaller one; about, from their grids."""
    boxes, other_boxes = _boxes_of(ones), _boxes_of(others)
    low = np.maximum(boxes[:, :2], other_boxes[:, :2])
    high = np.minimum(boxes[:, 2:4], other_boxes[:, 2:4])
    reach = np.maximum(high - low, 0)
    steps = np.arange(SIDE) / SIDE
    xs = low[:, :1] + steps * reach[:, :1]
    ys = low[:, 1:] + steps * reach[:, 1:]
    both = _at(ones, boxes, xs, ys) & _at(others, other_boxes, xs, ys)
    areas = both.mean(axis=(1, 2)) * reach[:, 0] * reach[:, 1]
    smaller = np.minimum(boxes[:, 4], other_boxes[:, 4])
    return np.asarray(np.minimum(1.0, areas / np.maximum(1, smaller)))


def _boxes(traits: Traits, frames: Sequence[int]) -> Floats:
    """The boxes of these frames' masks, with their areas: (n, 5), zero where there is none."""
    return _boxes_of([traits.get(frame_idx) for frame_idx in frames])


def _boxes_of(traits: Sequence[MaskTraits | None]) -> Floats:
    rows = [
        (0, 0, 0, 0, 0)
        if found is None or found.facts.box is None
        else (*found.facts.box, found.facts.area)
        for found in traits
    ]
    return np.array(rows, np.float64).reshape(-1, 5)


def _may_overlap(one: Floats, other: Floats) -> Bools:
    """Return whether boxes share enough for their masks to share a doubtful part."""
    wide = np.minimum(one[:, 2], other[:, 2]) - np.maximum(one[:, 0], other[:, 0])
    high = np.minimum(one[:, 3], other[:, 3]) - np.maximum(one[:, 1], other[:, 1])
    least = np.minimum(one[:, 4], other[:, 4])
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    return np.asarray((least > 0) & (shared > LEAST_SHARE * least))


def _at(traits: Sequence[MaskTraits], boxes: Floats, xs: Floats, ys: Floats) -> Bools:
    """Look masks up on rasters of their frames, xs and ys (n, side) in px."""
    packed = np.frombuffer(b"".join(found.cells for found in traits), np.uint8)
    grids = np.unpackbits(packed.reshape(len(traits), -1), axis=1).reshape(-1, SIDE, SIDE)
    wide = np.maximum(1, boxes[:, 2:3] - boxes[:, :1])
    high = np.maximum(1, boxes[:, 3:4] - boxes[:, 1:2])
    columns = np.clip(((xs - boxes[:, :1]) * SIDE / wide).astype(int), 0, SIDE - 1)
    rows = np.clip(((ys - boxes[:, 1:2]) * SIDE / high).astype(int), 0, SIDE - 1)
    each = np.arange(len(traits))[:, None, None]
    return np.asarray(grids[each, rows[:, :, None], columns[:, None, :]] > 0)
