"""Masks in source pixels from mask logits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from sam2_session.core.predictions import FloatArray, Prediction
from sam2_session.core.types import BoolMask

FINER = 4  # pixels of the network's input to one of its logits, along each side
FIRM_LOGIT = 1.0


def to_mask(prediction: Prediction, size_hw: tuple[int, int]) -> BoolMask:
    """Upsample bilinearly and threshold at 0, with sam2's own arithmetic.

    Another library's bilinear differs in the last bits, and so in a pixel of a mask now and then.
    """
    mask: BoolMask = np.greater(to_logits(prediction, size_hw), 0)
    return mask


def to_logits(prediction: Prediction, size_hw: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Upsample the logits bilinearly to source pixels."""
    logits = torch.from_numpy(prediction.logits_hw.copy())[None, None]  # it may be read-only
    upsampled = F.interpolate(logits, size=size_hw, mode="bilinear", align_corners=False)
    return np.asarray(upsampled[0, 0].numpy(), np.float32)


def overlap(one: Prediction, other: Prediction) -> float:
    """Compute the IoU of two masks of a frame as fine as the network sees it; 1 if both are empty.

    Logits are four times coarser: there a thing of sixty pixels has four, and seems not to change.
    """
    return _fine_iou(one.logits_hw, other.logits_hw)


def firmness(prediction: Prediction) -> float:
    """Tell how little of a mask would change if all logits were a little higher or lower.

    It is the IoU of the mask in both cases, 1 for sharp edges and for no mask at all.
    """
    logits_hw = prediction.logits_hw
    return _fine_iou(logits_hw + FIRM_LOGIT, logits_hw - FIRM_LOGIT)


def _fine_iou(one_hw: FloatArray, other_hw: FloatArray) -> float:
    """Compute the IoU of the upsampled masks, in the part of the frame in which they lie."""
    on_hw = (one_hw > 0) | (other_hw > 0)
    if not on_hw.any():
        return 1.0
    rows, columns = (np.flatnonzero(on_hw.any(axis)) for axis in (1, 0))
    part = np.s_[max(rows[0] - 1, 0) : rows[-1] + 2, max(columns[0] - 1, 0) : columns[-1] + 2]
    logits = torch.from_numpy(np.stack([one_hw[part], other_hw[part]]))[None]
    fine = F.interpolate(logits, scale_factor=FINER, mode="bilinear", align_corners=False)
    masks_nhw = (fine[0] > 0).numpy()
    union = int(np.count_nonzero(masks_nhw.any(0)))
    return int(np.count_nonzero(masks_nhw.all(0))) / union if union else 1.0
