"""Finds the pieces of a mask that lie apart from its largest one."""

from __future__ import annotations

import cv2
import numpy as np

from sam2_session.core.masks import mask_facts
from sam2_session.core.types import BoolMask


def islands_of(mask_hw: BoolMask) -> tuple[int, int]:
    """Count the pieces beside the largest one, and the pixels of all of them together."""
    box = mask_facts(mask_hw).box
    if box is None:
        return 0, 0
    part = np.ascontiguousarray(mask_hw[box[1] : box[3], box[0] : box[2]]).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    areas = sorted(int(area) for area in stats[1:, cv2.CC_STAT_AREA])
    return len(areas) - 1, sum(areas[:-1])
