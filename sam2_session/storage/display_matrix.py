"""Rotates decoded frames as players show them, by the file's display matrix."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import Type

CV2_FLIP = {(True, False): 1, (False, True): 0, (True, True): -1}  # by (mirror_x, mirror_y)
MATRIX_BYTES = 36  # nine 32-bit numbers, row by row: a b u, c d v, x y w


@dataclass(frozen=True, slots=True)
class Orientation:
    """One of the eight rotations and mirrorings: swap the axes first, then mirror."""

    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    @property
    def rotation(self) -> int:
        """Degrees clockwise, after any mirroring."""
        if self.transpose:
            return 270 if self.mirror_y else 90
        return 180 if self.mirror_y else 0

    def shown_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height after rotation."""
        return (height, width) if self.transpose else (width, height)

    def apply(self, image_hwc: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Rotate an image as shown; the result is contiguous."""
        turned: Any = cv2.transpose(image_hwc) if self.transpose else image_hwc
        if self.mirror_x or self.mirror_y:
            turned = cv2.flip(turned, CV2_FLIP[self.mirror_x, self.mirror_y])
        return np.asarray(turned, dtype=np.uint8)


UPRIGHT = Orientation()


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """Read a frame's display matrix, rounded to the nearest quarter turn."""
    by_type: Any = frame.side_data
    side_data = by_type.get(Type.DISPLAYMATRIX)
    if side_data is None or side_data.buffer_size < MATRIX_BYTES:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(side_data)[:MATRIX_BYTES])
    if abs(a) >= abs(b):  # the axes are not swapped
        return Orientation(mirror_x=a < 0, mirror_y=d < 0)
    return Orientation(transpose=True, mirror_x=c < 0, mirror_y=b < 0)
