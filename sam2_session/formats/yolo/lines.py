"""Parses YOLO's files: coordinates as shares of the frame, and names of classes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import yaml

from sam2_session.core.types import BoolMask
from sam2_session.formats.importing.json_input import number_of

MAX_NAMES_BYTES = 64 * 1024
MAX_BRACKETS = 100  # nested ones cost the YAML parser quadratic time
SLACK = 0.01  # how far outside 0 to 1 a share may lie: other programs round
Shares = npt.NDArray[np.float64]  # (n, 2): x and y as shares of the frame


def shares_of(words: Sequence[str]) -> Shares | None:
    """Parse pairs of numbers from 0 to 1: two for a box, more for an outline; else None."""
    values = [number_of(word) for word in words]
    if len(values) < 4 or len(values) % 2 or None in values:
        return None
    shares = np.array(values, np.float64).reshape(-1, 2)
    if shares.min() < -SLACK or shares.max() > 1 + SLACK:
        return None
    return shares.clip(0, 1)


def draw(shares: Shares, size_hw: tuple[int, int]) -> BoolMask:
    """Draw an outline as YOLO trainers do: corners cut to whole pixels, the line included."""
    height, width = size_hw
    corners = (shares * (width, height)).astype(np.int32)
    mask: BoolMask = cv2.fillPoly(np.zeros(size_hw, np.uint8), [corners], 1) > 0
    return mask


def class_names(data: bytes) -> dict[int, str]:
    """Read the class names of data.yaml, a list or by number; empty if it cannot be read."""
    if len(data) > MAX_NAMES_BYTES or data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        return {}
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(data)):
            return {}  # a few aliases can expand to more than fits into memory
        document = yaml.safe_load(data)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    names = document.get("names") if isinstance(document, dict) else None
    if isinstance(names, list):
        names = dict(enumerate(names))
    rows = names.items() if isinstance(names, dict) else ()
    return {at: name for at, name in rows if isinstance(at, int) and isinstance(name, str)}
