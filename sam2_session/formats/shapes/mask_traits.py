"""Measures the traits of masks, with the colours of their frames."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.masks import mask_facts
from sam2_session.core.types import BoolMask
from sam2_session.runtime import Lock

LEAST_PIECE = 0.02  # of the area; smaller ones are specks
KEPT_FRAMES = 16

Frame = npt.NDArray[np.uint8]  # (h, w) number of the colour of each pixel


class TraitReader:
    """Measures masks of one video; safe to use from several threads.

    `read` gives a frame at any size, BGR (h, w, 3), or None if there is none.
    """

    def __init__(self, read: Callable[[int], Frame | None]) -> None:
        self._read = read
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
                image = self._read(frame_idx)
                self._frames[frame_idx] = None if image is None else colour_numbers(image)
            return self._frames[frame_idx]


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
