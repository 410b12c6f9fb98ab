"""Reads frames at a fraction of their size, for measures that need no more; keeps the latest.

A JPEG can be decoded at a half, quarter or eighth of its size for a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.runtime import Lock

Image = npt.NDArray[np.uint8]  # (h, w, 3) BGR

REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
    (1, cv2.IMREAD_COLOR),
)
COLOURS_WIDTH = 240  # pixels, at least: enough to count the colours of an object
KEPT = 16


class ReducedFrames:
    """Frames of one video, each decoded once for several readers; safe from several threads."""

    def __init__(
        self, frame_path: Callable[[int], Path], width: int, least_width: int = COLOURS_WIDTH
    ) -> None:
        self._frame_path = frame_path
        usable = (flag for factor, flag in REDUCED if width // factor >= least_width)
        self._flag = next(usable, cv2.IMREAD_COLOR)
        self._frames: dict[int, Image | None] = {}
        self._lock = Lock()

    def read(self, frame_idx: int) -> Image | None:
        """Return a frame, not to be changed; None if its file is missing or broken."""
        with self._lock:
            if self._frames.get(frame_idx) is None:
                while len(self._frames) >= KEPT:
                    del self._frames[next(iter(self._frames))]
                self._frames[frame_idx] = self._decoded(frame_idx)
            return self._frames[frame_idx]

    def _decoded(self, frame_idx: int) -> Image | None:
        path = self._frame_path(frame_idx)
        image = cv2.imread(str(path), self._flag) if path.is_file() else None
        return None if image is None else image.astype(np.uint8, copy=False)
