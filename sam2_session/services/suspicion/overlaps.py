"""Doubts about masks that lie over those of another instance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sam2_session.core.mask_traits import Ints, MaskTraits, TraitColumns
from sam2_session.core.types import SessionKey
from sam2_session.services.suspicion.neighbours import usual_around
from sam2_session.services.suspicion.pair_measures import Bools, Floats
from sam2_session.services.suspicion.scoring import WIDE, Doubt, ramp

LEAST_SHARE = 0.15  # of the smaller mask
SIDE = MaskTraits.GRID
MOST_AT_ONCE = 512  # masks that are compared in one go: 24 x 24 cells each
MUCH, MOST = 0.35, 0.75  # of it: two things are never seen in one place, however long it lasts


def overlap_doubts(
    key: SessionKey, frames: Ints, all_traits: Mapping[SessionKey, TraitColumns]
) -> Doubt:
    """Compare with every pair of the same region of another instance."""
    shares, names = np.zeros(len(frames)), np.full(len(frames), "", object)
    own, own_boxes = all_traits[key], _boxes_on(all_traits[key], frames)
    for other, traits in all_traits.items():
        if other.instance_id == key.instance_id or other.region != key.region:
            continue
        found = np.flatnonzero(_may_overlap(own_boxes, _boxes_on(traits, frames)))
        for first in range(0, len(found), MOST_AT_ONCE):
            ats = found[first : first + MOST_AT_ONCE]
            mine, theirs = (side.take(side.places(frames[ats])[0]) for side in (own, traits))
            found_shares = overlaps(mine, theirs)
            more = found_shares > shares[ats]
            shares[ats[more]] = found_shares[more]
            names[ats[more]] = f"{other.instance_id} {other.region}"
    unusual = shares - np.nan_to_num(usual_around(shares, WIDE))
    values = np.maximum(0.7 * ramp(unusual, LEAST_SHARE, 0.6), 0.7 * ramp(shares, MUCH, MOST))
    return Doubt(values, lambda at: f"{100 * shares[at]:.0f} % of it or of {names[at]} lie in both")


def overlaps(ones: TraitColumns, others: TraitColumns) -> Floats:
    """Return the shared part of each two masks, of the smaller one; about, from their grids."""
    boxes, other_boxes = _boxes(ones), _boxes(others)
    low = np.maximum(boxes[:, :2], other_boxes[:, :2])
    high = np.minimum(boxes[:, 2:4], other_boxes[:, 2:4])
    reach = np.maximum(high - low, 0)
    steps = np.arange(SIDE) / SIDE
    xs = low[:, :1] + steps * reach[:, :1]
    ys = low[:, 1:] + steps * reach[:, 1:]
    both = _at(ones, boxes, xs, ys) & _at(others, other_boxes, xs, ys)
    cells = np.bitwise_count(np.packbits(both, axis=1)).sum(axis=1)
    areas = cells / SIDE**2 * reach[:, 0] * reach[:, 1]
    smaller = np.minimum(boxes[:, 4], other_boxes[:, 4])
    return np.asarray(np.minimum(1.0, areas / np.maximum(1, smaller)))


def _boxes_on(traits: TraitColumns, frames: Ints) -> Floats:
    """The boxes of these frames' masks, with their areas: (n, 5), zero where there is none."""
    places, known = traits.places(frames)
    boxes = np.zeros((len(frames), 5))
    boxes[known] = _boxes(traits)[places[known]]
    return boxes


def _boxes(traits: TraitColumns) -> Floats:
    return np.column_stack([traits.boxes, traits.areas]).astype(np.float64)


def _may_overlap(one: Floats, other: Floats) -> Bools:
    """Return whether boxes share enough for their masks to share a doubtful part."""
    wide = np.minimum(one[:, 2], other[:, 2]) - np.maximum(one[:, 0], other[:, 0])
    high = np.minimum(one[:, 3], other[:, 3]) - np.maximum(one[:, 1], other[:, 1])
    least = np.minimum(one[:, 4], other[:, 4])
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    return np.asarray((least > 0) & (shared > LEAST_SHARE * least))


def _at(traits: TraitColumns, boxes: Floats, xs: Floats, ys: Floats) -> Bools:
    """Look masks up on rasters of their frames, xs and ys (n, side) in px; (n, side²)."""
    wide = np.maximum(1, boxes[:, 2:3] - boxes[:, :1])
    high = np.maximum(1, boxes[:, 3:4] - boxes[:, 1:2])
    columns = np.clip(((xs - boxes[:, :1]) * SIDE / wide).astype(int), 0, SIDE - 1)
    rows = np.clip(((ys - boxes[:, 1:2]) * SIDE / high).astype(int), 0, SIDE - 1)
    lines = np.arange(len(boxes))[:, None] * SIDE + rows
    places = lines[:, :, None] * SIDE + columns[:, None, :]
    cells = np.unpackbits(traits.cells, axis=1)
    return np.asarray(cells.take(places.reshape(len(boxes), -1)), np.bool_)
