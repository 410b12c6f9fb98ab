"""Compares each mask of a pair with its neighbours: the usual among them, as arrays."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sam2_session.services.suspicion.pair_measures import Floats

COLOUR_REACH = 120  # masks on each side whose colours are those of the object
COLOUR_BLOCK = 40  # masks that share one answer to that


def windows(values: Floats, reach: int) -> Floats:
    """Return (n, 2 reach + 1, …) neighbours of each entry, NaN beyond the ends."""
    margin = [(reach, reach)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, margin, constant_values=np.nan)
    return np.moveaxis(sliding_window_view(padded, 2 * reach + 1, axis=0), -1, 1)


def without_middle(values: Floats, reach: int) -> Floats:
    """Return (n, 2 reach, …) neighbours of each entry, but not the entry itself."""
    return np.delete(windows(values, reach), reach, axis=1)


def usual_around(values: Floats, reach: int) -> Floats:
    """Return the median of the neighbours of each entry; NaN without any."""
    return median(without_middle(values, reach))


def median(sides: Floats) -> Floats:
    """Return the median over the neighbours, axis 1; NaN where there is none."""
    ordered = np.sort(sides, axis=1)  # NaN comes last
    counts = (~np.isnan(sides)).sum(axis=1)
    low, high = (
        np.take_along_axis(ordered, place[:, None], axis=1)[:, 0]
        for place in (np.maximum(counts - 1, 0) // 2, counts // 2)
    )
    return np.asarray((low + high) / 2)


def usual_colours(colours: Floats) -> Floats:
    """Return the median colours around each mask, the same for a block of them."""
    usual, known = np.full_like(colours, np.nan), ~np.isnan(colours[:, 0])
    for first in range(0, len(colours), COLOUR_BLOCK):
        reach = slice(max(0, first - COLOUR_REACH), first + COLOUR_BLOCK + COLOUR_REACH)
        if known[reach].any():
            usual[first : first + COLOUR_BLOCK] = np.median(colours[reach][known[reach]], axis=0)
    return np.asarray(usual / np.maximum(usual.sum(axis=1, keepdims=True), 1e-9))


def between(values: Floats, reach: int) -> Floats:
    """Return the middle of neighbours at equal distances before and after, by their median."""
    sides = windows(values, reach)
    pairs = (sides[:, :reach] + sides[:, :reach:-1]) / 2
    return median(pairs)
