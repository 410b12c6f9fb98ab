"""Scales a mask to the size of the video."""

from __future__ import annotations

import cv2
import numpy as np

from sam2_session.core.types import BoolMask


def resize_mask(mask_hw: BoolMask, size_hw: tuple[int, int]) -> BoolMask:
    """Scale a mask by nearest neighbour, so that it stays binary."""
    if mask_hw.shape == size_hw:
        return mask_hw
    sized = cv2.resize(
        mask_hw.astype(np.uint8), (size_hw[1], size_hw[0]), interpolation=cv2.INTER_NEAREST
    )
    mask: BoolMask = sized.astype(np.bool_)
    return mask
