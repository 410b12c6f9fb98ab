"""Cleans masks: fills holes, drops specks, smooths the edge, grows and shrinks."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.masks import mask_facts
from sam2_session.core.types import BoolMask

GrayMask = npt.NDArray[np.uint8]  # mask_hw of 0 and 1
SPREAD = 3  # radii of smoothing after which nothing is seen


def clean_mask(mask_hw: BoolMask, cleaning: Cleaning) -> BoolMask:
    """Return the cleaned mask; an empty one stays empty.

    Beyond the frame the object goes on as it is at its border, so nothing shrinks away from there.
    """
    box = mask_facts(mask_hw).box if cleaning else None
    if box is None:
        return mask_hw
    height, width = mask_hw.shape
    margin = max(cleaning.grow, 0) + SPREAD * cleaning.smooth + 2
    rows = slice(max(0, box[1] - margin), min(height, box[3] + margin))
    columns = slice(max(0, box[0] - margin), min(width, box[2] + margin))
    part = np.ascontiguousarray(mask_hw[rows, columns]).astype(np.uint8)
    part = _fill_holes(part, cleaning.fill_holes)
    part = _drop_specks(part, cleaning.drop_specks)
    part = _smooth(part, cleaning.smooth)
    part = _grow(part, cleaning.grow)
    cleaned = np.zeros_like(mask_hw)
    cleaned[rows, columns] = part.astype(np.bool_)
    return cleaned


def _fill_holes(mask_hw: GrayMask, least_px: int) -> GrayMask:
    """Fill background that the object encloses and that is smaller than `least_px`."""
    if not least_px:
        return mask_hw
    _, labels_hw, stats, _ = cv2.connectedComponentsWithStats(1 - mask_hw, connectivity=4)
    edges = (labels_hw[0], labels_hw[-1], labels_hw[:, 0], labels_hw[:, -1])
    is_hole = stats[:, cv2.CC_STAT_AREA] < least_px
    is_hole[np.unique(np.concatenate(edges))] = False
    is_hole[0] = False  # the object itself
    return np.where(is_hole[labels_hw], np.uint8(1), mask_hw)


def _drop_specks(mask_hw: GrayMask, least_px: int) -> GrayMask:
    """Drop pieces smaller than `least_px`."""
    if not least_px:
        return mask_hw
    _, labels_hw, stats, _ = cv2.connectedComponentsWithStats(mask_hw, connectivity=8)
    is_speck = stats[:, cv2.CC_STAT_AREA] < least_px
    is_speck[0] = False  # the background
    return np.where(is_speck[labels_hw], np.uint8(0), mask_hw)


def _smooth(mask_hw: GrayMask, radius_px: int) -> GrayMask:
    """Round the edge: a pixel goes with the weighted majority around it."""
    if not radius_px:
        return mask_hw
    blurred_hw = cv2.GaussianBlur(
        mask_hw.astype(np.float32), (0, 0), radius_px, borderType=cv2.BORDER_REPLICATE
    )
    return (np.asarray(blurred_hw) >= 0.5).astype(np.uint8)


def _grow(mask_hw: GrayMask, by_px: int) -> GrayMask:
    """Move the edge outward, or inward below 0."""
    if not by_px:
        return mask_hw
    size = 2 * abs(by_px) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    moved = cv2.dilate(mask_hw, disc) if by_px > 0 else cv2.erode(mask_hw, disc)
    return np.asarray(moved, np.uint8)


def largest_piece(mask_hw: BoolMask) -> BoolMask | None:
    """Return the largest connected piece of a mask; None if it is empty."""
    _, labels_hw, stats, _ = cv2.connectedComponentsWithStats(
        mask_hw.astype(np.uint8), connectivity=8
    )
    if len(stats) < 2:  # the first row is the background
        return None
    piece_hw: BoolMask = labels_hw == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return piece_hw
