"""Softens the edges of masks: from the model's logits, else by a blur of one pixel."""

from __future__ import annotations

import math

import cv2
import numpy as np

from sam2_session.core.predictions import FloatArray
from sam2_session.core.types import BoolMask
from sam2_session.formats.exporting.export import Export
from sam2_session.formats.exporting.source import Alpha, MaskRead, Pair

SAME = 0.98  # share of pixels that must agree for logits to belong to a mask
SOFT = "masks with a soft edge from the model's logits"
BLURRED = "masks without logits (made by hand, or by another model): edge blurred by a pixel"


def alpha_of_logits(logits_hw: FloatArray, mask_hw: BoolMask) -> Alpha | None:
    """Compute alpha from logits along the mask's edge; None if the logits are not this mask's.

    More than two logit pixels away from the edge, the mask alone decides.
    """
    height, width = mask_hw.shape
    full_hw = cv2.resize(logits_hw, (width, height), interpolation=cv2.INTER_LINEAR)
    inside_hw = np.greater(full_hw, 0)
    either = np.count_nonzero(inside_hw | mask_hw)
    if either and np.count_nonzero(inside_hw & mask_hw) < SAME * either:
        return None
    alpha_hw = 255 / (1 + np.exp(-np.clip(full_hw, -20, 20)))
    reach = 2 * math.ceil(max(height / logits_hw.shape[0], width / logits_hw.shape[1]))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    solid_hw = mask_hw.astype(np.uint8)
    alpha_hw[cv2.erode(solid_hw, disc) > 0] = 255
    alpha_hw[cv2.dilate(solid_hw, disc) == 0] = 0
    return np.rint(alpha_hw).astype(np.uint8)


def blurred_edge(mask_hw: BoolMask) -> Alpha:
    """Blur the mask's edge by a pixel to either side."""
    return np.asarray(cv2.blur(mask_hw.astype(np.uint8) * 255, (3, 3)), np.uint8)


def soft_alpha(export: Export, pair: Pair, read: MaskRead) -> Alpha:
    """Soften a mask from its logits if it has any, else by blur; remark which."""
    alpha_hw = export.source.soft_edge(pair, read)
    export.remarks.add(BLURRED if alpha_hw is None else SOFT)
    return blurred_edge(read.mask_hw) if alpha_hw is None else alpha_hw
