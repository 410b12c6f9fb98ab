"""Measures masks: area and bounding box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sam2_session.core.types import BoolMask


@dataclass(frozen=True, slots=True)
class MaskFacts:
    """Area in pixels and tight box (x0, y0, x1, y1) with exclusive ends; no box if empty."""

    area: int
    box: tuple[int, int, int, int] | None

    def to_wire(self) -> dict[str, Any]:
        """``{area, box}``."""
        return {"area": self.area, "box": list(self.box) if self.box else None}


def mask_facts(mask_hw: BoolMask) -> MaskFacts:
    """Measure a mask."""
    area = int(np.count_nonzero(mask_hw))
    if area == 0:
        return MaskFacts(0, None)
    rows = np.flatnonzero(mask_hw.any(axis=1))
    columns = np.flatnonzero(mask_hw[rows[0] : rows[-1] + 1].any(axis=0))
    return MaskFacts(area, (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))


def overlap_of(mask_hw: BoolMask, other_hw: BoolMask) -> float:
    """Intersection over union of two masks; 1 where both are empty."""
    union = int(np.count_nonzero(mask_hw | other_hw))
    return int(np.count_nonzero(mask_hw & other_hw)) / union if union else 1.0
