"""Simulates an annotator who clicks in the middle of the worst error, always the same way.

The simulation of the SAM 2 paper (arXiv:2408.00714; section 5, and the appendix on interactive
evaluation) and of sam2's `get_next_point(..., "center")`, much like the DAVIS interactive robot's:
the first click is the deepest point of the object, each next one the deepest of the error.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from training.clips import BoolMasks

POSITIVE, NEGATIVE = 1, 0


class Click(NamedTuple):
    """A point in pixels of the frame, and whether it belongs to the object (1) or not (0)."""

    x: float
    y: float
    label: int


def next_click(predicted_hw: BoolMasks, truth_hw: BoolMasks) -> Click | None:
    """Choose where to click; None if nothing is wrong.

    Missing and extra pixels are compared by the depth of their deepest point: a thin rim all
    around the object is a smaller error than a lump, however many pixels it has.
    """
    missing_px, (x, y) = _deepest(truth_hw & ~predicted_hw)
    extra_px, (extra_x, extra_y) = _deepest(predicted_hw & ~truth_hw)
    if max(missing_px, extra_px) == 0:
        return None
    if missing_px > extra_px:
        return Click(x, y, POSITIVE)
    return Click(extra_x, extra_y, NEGATIVE)


def box_of(mask_hw: BoolMasks) -> tuple[float, float, float, float]:
    """Find the first and last column and row of a non-empty mask, as (x0, y0, x1, y1)."""
    columns, rows = np.flatnonzero(mask_hw.any(0)), np.flatnonzero(mask_hw.any(1))
    return float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1])


def _deepest(region_hw: BoolMasks) -> tuple[float, tuple[float, float]]:
    """Find the pixel (x, y) deepest inside, and its distance to the outside (0 if empty)."""
    padded = np.pad(region_hw.astype(np.uint8), 1)  # beyond the frame counts as outside
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(depth[y, x]), (float(x), float(y))
