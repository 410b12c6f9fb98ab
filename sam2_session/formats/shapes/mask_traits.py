"""Measures the traits of masks, with the colours of their frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.masks import mask_facts
from sam2_session.core.types import BoolMask
from sam2_session.runtime import Lock

REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)  # decoding at a fraction of the size costs that fraction
LEAST_WIDTH = 240  # of the frame whose colours are counted
LEAST_PIECE = 0.02  # of the area; smaller ones are specks
KEPT_FRAMES = 16

Frame = npt.NDArray[np.uint8]  # (h, w) number of the colour of each pixel


class TraitReader:
    """Measures masks of one video; safe to use from several threads."""

    def __init__(self, frame_path: Callable[[int], Path], width: int) -> None:
        self._frame_path = frame_path
        self._flag = next(
            (flag for factor, flag in REDUCED if width // factor >= LEAST_WIDTH), cv2.IMREAD_COLOR
        )
        self._frames: dict[int, Frame | None] = {}
        self._lock = Lock()

    def of(self, frame_idx: int, mask_hw: BoolMask) -> MaskTraits:
        """Measure a mask of a frame."""
        return traits_of(mask_hw, self._colours(frame_idx))

    def _colours(self, frame_idx: int) -> Frame | None:
        with self._lock:
            if frame_idx not in self._frames:
                while len(self._frames) >= KEPT_FRAMES:
                    del self._frames[next(iter(self._frames))]
                self._frames[frame_idx] = self._read(frame_idx)
            return self._frames[frame_idx]

    def _read(self, frame_idx: int) -> Frame | None:
        path = self._frame_path(frame_idx)
        image = cv2.imread(str(path), self._flag) if path.is_file() else None
        return None if image is None else colour_numbers(image.astype(np.uint8, copy=False))


def colour_numbers(image: Frame) -> Frame:
    """Number the colour of each pixel of an image (h, w, 3): four levels a channel."""
    levels = np.asarray(cv2.blur(image, (3, 3)), np.uint8) >> 6
    return np.asarray(levels[..., 0] * 16 + levels[..., 1] * 4 + levels[..., 2], np.uint8)


def traits_of(mask_hw: BoolMask, colours_hw: Frame | None) -> MaskTraits:
    """Measure a mask; `colours_hw` has the colours of its frame, at any size."""
    facts = mask_facts(mask_hw)
    if facts.box is None:
        return MaskTraits(facts, 0, bytes(MaskTraits.GRID**2 // 8), b"")
    x0, y0, x1, y1 = facts.box
    part = np.ascontiguousarray(mask_hw[y0:y1, x0:x1]).astype(np.uint8)
    side = MaskTraits.GRID
    grid = cv2.resize(part * 255, (side, side), interpolation=cv2.INTER_AREA) > 127
    _, _, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    pieces = int((stats[1:, cv2.CC_STAT_AREA] >= LEAST_PIECE * facts.area).sum())
    colours = b"" if colours_hw is None else _shares(mask_hw, colours_hw)
    return MaskTraits(facts, pieces, np.packbits(grid).tobytes(), colours)


def _shares(mask_hw: BoolMask, colours_hw: Frame) -> bytes:
    height, width = colours_hw.shape
    small = cv2.resize(mask_hw.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    counts = np.bincount(colours_hw[small > 0], minlength=MaskTraits.BINS)
    total = counts.sum()
    if not total:
        return b""
    return bytes(np.round(counts * (255 / total)).astype(np.uint8))
