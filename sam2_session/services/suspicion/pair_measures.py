"""The masks of one pair as arrays, one entry a mask, in the order of frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.types import MaskSource
from sam2_session.storage.mask_rows import MaskRow

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
LEAST_AREA = 1.0


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """Arrays of n masks; NaN where a mask is empty or was not measured.

    `sizes` are the logarithms of area, width, height, and of the share of the box that is covered;
    `centres` (n, 2) in px; `colours` (n, 64) as shares; `edges` whether the box touches the frame;
    `reviewed` whether a person made or approved it, `approved` whether as it was; `agreements` the
    IoU of the two passes of a fill.
    """

    frames: npt.NDArray[np.int64]
    scores: Floats
    areas: Floats
    sizes: Floats
    centres: Floats
    pieces: Floats
    colours: Floats
    edges: Floats
    reviewed: Bools
    approved: Bools
    agreements: Floats


def measure(
    rows: Sequence[MaskRow], traits: Mapping[int, MaskTraits], size_hw: tuple[int, int]
) -> PairMeasures:
    """Collect the measures of a pair's masks."""
    count = len(rows)
    sizes, centres = np.full((count, 4), np.nan), np.full((count, 2), np.nan)
    pieces, edges = np.full(count, np.nan), np.full(count, np.nan)
    colours = np.full((count, MaskTraits.BINS), np.nan)
    for at, row in enumerate(rows):
        if row.facts.box is None:
            continue
        x0, y0, x1, y1 = row.facts.box
        wide, high = max(1, x1 - x0), max(1, y1 - y0)
        area = max(LEAST_AREA, row.facts.area)
        sizes[at] = np.log([area, wide, high, area / (wide * high)])
        centres[at] = (x0 + x1) / 2, (y0 + y1) / 2
        edges[at] = x0 <= 0 or y0 <= 0 or x1 >= size_hw[1] or y1 >= size_hw[0]
        found = traits.get(row.frame_idx)
        if found is None or found.facts != row.facts:
            continue
        pieces[at] = found.pieces
        centres[at] = _centre(found)
        if found.colours:
            colours[at] = np.frombuffer(found.colours, np.uint8) / 255
    return PairMeasures(
        np.array([row.frame_idx for row in rows], np.int64),
        np.array([np.nan if row.score is None else row.score for row in rows]),
        np.array([float(row.facts.area) for row in rows]),
        sizes,
        centres,
        pieces,
        colours,
        edges,
        *reviews_of(rows),
        np.array([np.nan if row.agreement is None else row.agreement for row in rows]),
    )


def is_reviewed(row: MaskRow) -> bool:
    """Return whether a person made or approved a mask."""
    return row.approved or row.source is MaskSource.HUMAN


def reviews_of(rows: Sequence[MaskRow]) -> tuple[Bools, Bools]:
    """Return which masks a person made or approved, and which were approved as a run made them."""
    reviewed = np.array([is_reviewed(row) for row in rows], np.bool_)
    human = np.array([row.source is MaskSource.HUMAN for row in rows], np.bool_)
    return reviewed, reviewed & ~human


def grid_of(traits: MaskTraits) -> npt.NDArray[np.bool_]:
    """Return the mask in its box, on its grid."""
    bits = np.unpackbits(np.frombuffer(traits.cells, np.uint8))
    return bits.reshape(MaskTraits.GRID, MaskTraits.GRID).astype(np.bool_)


def _centre(traits: MaskTraits) -> tuple[float, float]:
    """The centre of a mask's pixels, in px."""
    assert traits.facts.box is not None
    x0, y0, x1, y1 = traits.facts.box
    ys, xs = np.nonzero(grid_of(traits))
    if not len(xs):
        return (x0 + x1) / 2, (y0 + y1) / 2
    side = MaskTraits.GRID
    return x0 + (xs.mean() + 0.5) * (x1 - x0) / side, y0 + (ys.mean() + 0.5) * (y1 - y0) / side
