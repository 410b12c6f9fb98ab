"""The masks of one pair as arrays, one entry a mask, in the order of frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sam2_session.core.mask_traits import Ints, MaskTraits, TraitColumns
from sam2_session.core.types import MaskSource
from sam2_session.storage.mask_columns import MaskColumns

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
LEAST_AREA = 1.0
NO_BOX = (0, 0, 0, 0)
_ROWS, _COLUMNS = np.divmod(np.arange(MaskTraits.GRID**2), MaskTraits.GRID)
_CELLS = np.stack([_COLUMNS, _ROWS, np.ones_like(_ROWS)], axis=1).astype(np.float32)  # x, y, 1


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """Arrays of n masks; NaN where a mask is empty or was not measured.

    `sizes` are the logarithms of area, width, height, and of the share of the box that is covered;
    `centres` (n, 2) in px; `colours` (n, 64) as shares; `edges` whether the box touches the frame;
    `reviewed` whether a person made or approved it, `approved` whether as it was; `agreements` the
    IoU of the two passes of a fill.
    """

    frames: Ints
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


def measure(masks: MaskColumns, traits: TraitColumns, size_hw: tuple[int, int]) -> PairMeasures:
    """Collect the measures of a pair's masks; absent frames say nothing about their neighbours."""
    there, frames = _there(masks), frames_of(masks)
    boxes, full = _boxes(masks, there)
    areas = np.array(masks.areas, np.float64)[there]
    x0, y0, x1, y1 = boxes.T
    wide, high, area = np.maximum(1, x1 - x0), np.maximum(1, y1 - y0), np.maximum(LEAST_AREA, areas)
    sizes = np.log(np.stack([area, wide, high, area / (wide * high)], axis=1))
    centres = np.stack([(x0 + x1) / 2, (y0 + y1) / 2], axis=1)
    edges = (x0 <= 0) | (y0 <= 0) | (x1 >= size_hw[1]) | (y1 >= size_hw[0])
    places, known = traits.places(frames)
    known &= full
    own = traits.take(places[known])
    centres[known] = _centres(own)
    pieces, colours = np.full(len(frames), np.nan), np.full((len(frames), MaskTraits.BINS), np.nan)
    pieces[known] = own.pieces
    colours[known] = np.where(own.coloured[:, None], own.colours / 255, np.nan)
    return PairMeasures(
        frames,
        np.array(masks.scores, np.float64)[there],
        areas,
        np.where(full[:, None], sizes, np.nan),
        np.where(full[:, None], centres, np.nan),
        pieces,
        colours,
        np.where(full, edges, np.nan),
        *reviews_of(masks),
        np.array(masks.agreements, np.float64)[there],
    )


def traits_of_masks(masks: MaskColumns, traits: TraitColumns) -> TraitColumns:
    """Return the traits of those masks that did not change since they were measured."""
    places, known = traits.places(np.array(masks.frames, np.int64))
    boxes, _ = _boxes(masks, np.ones(len(masks.frames), np.bool_))
    own = traits.take(places[known])
    same = own.areas == np.array(masks.areas, np.int64)[known]
    return own.take(same & (own.boxes == boxes[known]).all(axis=1))


def frames_of(masks: MaskColumns) -> Ints:
    """Return the frames that are measured: those on which the object is not absent."""
    return np.array(masks.frames, np.int64)[_there(masks)]


def reviews_of(masks: MaskColumns) -> tuple[Bools, Bools]:
    """Return which masks a person made or approved, and which were approved as a run made them."""
    there = _there(masks)
    human = np.array([source == MaskSource.HUMAN for source in masks.sources], np.bool_)[there]
    approved = np.array(masks.approved, np.bool_)[there]
    return human | approved, approved & ~human


def _there(masks: MaskColumns) -> Bools:
    return ~np.array(masks.absent, np.bool_)


def _boxes(masks: MaskColumns, chosen: Bools) -> tuple[Floats, Bools]:
    """Return the boxes (n, 4), and whether there is one: an empty mask has none."""
    boxes = np.array([box or NO_BOX for box in masks.boxes], np.float64).reshape(-1, 4)[chosen]
    return boxes, np.array([box is not None for box in masks.boxes], np.bool_)[chosen]


def _centres(traits: TraitColumns) -> Floats:
    """The centres (n, 2) of the masks' pixels, in px; of a grid without any that of its box."""
    cells = np.unpackbits(traits.cells, axis=1).astype(np.float32)
    sums = (cells @ _CELLS).astype(np.float64)  # float32 holds them: at most 24 x 24 x 23
    counts = sums[:, 2:]
    low, high = traits.boxes[:, :2], traits.boxes[:, 2:]
    means = sums[:, :2] / np.maximum(1, counts)
    inside = low + (means + 0.5) * (high - low) / MaskTraits.GRID
    return np.where(counts > 0, inside, (low + high) / 2)
