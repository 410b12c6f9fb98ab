"""Compares a new mask with the one that it replaces."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask
from sam2_session.formats.images.mask_images import decode_mask


def iou_with_file(mask_hw: BoolMask, path: Path) -> float | None:
    """Return the IoU of a mask with the one in a file; 1 if both are empty, None without a file."""
    try:
        before_hw = decode_mask(path.read_bytes(), mask_hw.shape)
    except (FileNotFoundError, InvalidPrompt):
        return None
    return mask_iou(mask_hw, before_hw)


def mask_iou(one_hw: BoolMask, other_hw: BoolMask) -> float:
    """Return the IoU of two masks; 1 if both are empty."""
    union = int(np.count_nonzero(one_hw | other_hw))
    return int(np.count_nonzero(one_hw & other_hw)) / union if union else 1.0
