"""Masks in source pixels from mask logits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask


def to_mask(prediction: Prediction, size_hw: tuple[int, int]) -> BoolMask:
    """Upsample bilinearly and threshold at 0, with sam2's own arithmetic.

    Another library's bilinear differs in the last bits, and so in a pixel of a mask now and then.
    """
    mask: BoolMask = np.greater(to_logits(prediction, size_hw), 0)
    return mask


def to_logits(prediction: Prediction, size_hw: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Upsample the logits bilinearly to source pixels."""
    import torch  # not at the start of a process: it takes longer than all the rest
    import torch.nn.functional as F

    logits = torch.from_numpy(prediction.logits_hw.copy())[None, None]  # it may be read-only
    upsampled = F.interpolate(logits, size=size_hw, mode="bilinear", align_corners=False)
    return np.asarray(upsampled[0, 0].numpy(), np.float32)
