"""From mask logits to masks of the source's size."""

from __future__ import annotations

import cv2
import numpy as np

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask


def to_mask(prediction: Prediction, size_hw: tuple[int, int]) -> BoolMask:
    """Upsample bilinearly and threshold at 0, as sam2 does: no pixel differs from its own masks."""
    height, width = size_hw
    logits = cv2.resize(prediction.logits_hw, (width, height), interpolation=cv2.INTER_LINEAR)
    mask: BoolMask = np.greater(logits, 0)
    return mask
