"""Masks in source pixels from mask logits."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask


def to_mask(prediction: Prediction, size_hw: tuple[int, int]) -> BoolMask:
    """Upsample bilinearly and threshold at 0, with sam2's own arithmetic.

    Another library's bilinear differs in the last bits, and so in a pixel of a mask now and then.
    """
    logits = torch.from_numpy(prediction.logits_hw.copy())[None, None]  # it may be read-only
    upsampled = F.interpolate(logits, size=size_hw, mode="bilinear", align_corners=False)
    mask: BoolMask = np.greater(upsampled[0, 0].numpy(), 0)
    return mask
