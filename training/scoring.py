"""Scores a mask against the truth: region IoU (J) and boundary F, as in the DAVIS benchmark.

Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object Segmentation"
(CVPR 2016), section 4.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.clips import BoolMasks

BOUNDARY_TOLERANCE = 0.008  # of the frame's diagonal


def region_iou(predicted_hw: BoolMasks, truth_hw: BoolMasks) -> float:
    """Intersection over union; 1 if both are empty, 0 if only one is."""
    union = np.count_nonzero(predicted_hw | truth_hw)
    return np.count_nonzero(predicted_hw & truth_hw) / union if union else 1.0


def boundary_f(predicted_hw: BoolMasks, truth_hw: BoolMasks) -> float:
    """Boundary F: harmonic mean of the shares of each outline that lie near the other.

    Near is within `BOUNDARY_TOLERANCE`. 1 where neither has an outline, 0 where only one has.
    """
    predicted, truth = outline(predicted_hw), outline(truth_hw)
    if not predicted.any() or not truth.any():
        return float(predicted.any() == truth.any())
    disk = _disk(tolerance_px((truth_hw.shape[0], truth_hw.shape[1])))
    precision = _share_near(predicted, truth, disk)
    recall = _share_near(truth, predicted, disk)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def outline(mask_hw: BoolMasks) -> BoolMasks:
    """Find the pixels that differ from the one to the right, below, or both."""
    padded = np.pad(mask_hw, ((0, 1), (0, 1)), mode="edge")
    here = padded[:-1, :-1]
    edges = (here ^ padded[:-1, 1:]) | (here ^ padded[1:, :-1]) | (here ^ padded[1:, 1:])
    return np.asarray(edges, np.bool_)


def tolerance_px(size_hw: tuple[int, int]) -> int:
    """Distance in pixels within which two outlines count as near."""
    return int(np.ceil(BOUNDARY_TOLERANCE * np.hypot(size_hw[0], size_hw[1])))


def _disk(radius_px: int) -> npt.NDArray[np.uint8]:
    offsets = np.arange(-radius_px, radius_px + 1) ** 2
    return (offsets[:, None] + offsets <= radius_px**2).astype(np.uint8)


def _share_near(edges_hw: BoolMasks, others_hw: BoolMasks, disk: npt.NDArray[Any]) -> float:
    near = cv2.dilate(others_hw.astype(np.uint8), disk) > 0
    return np.count_nonzero(edges_hw & near) / np.count_nonzero(edges_hw)
