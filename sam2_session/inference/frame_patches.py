"""Cuts the surroundings of a point out of a frame, and paints over what is not the object."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask, RGBImage

HALF = 80  # px; half the side of the patch in which a point is looked for
GROWN = 3  # px; side of the square by which masks are grown, as their rims are never exact
NEAR_MASK = 6  # px; a tip lies on the rim of its mask, or just outside

Colour = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Patch:
    """The surroundings of a place in the frame; `corner` is (x, y) in the scaled frame."""

    image: RGBImage
    mask_hw: BoolMask
    framed_hw: BoolMask  # the pixels of it that lie in the frame
    corner: Floats

    def has_mask_at(self, xy: Floats) -> bool:
        """Return whether the mask is near a point of the scaled frame."""
        x, y = np.round(xy - self.corner).astype(int)
        rows = slice(max(0, y - NEAR_MASK), max(0, y + NEAR_MASK + 1))
        columns = slice(max(0, x - NEAR_MASK), max(0, x + NEAR_MASK + 1))
        return bool(self.mask_hw[rows, columns].any())

    def within(self, xy: Floats, radius_px: int) -> BoolMask:
        """Return which pixels are near a point of the scaled frame."""
        x, y = (round(float(value)) for value in xy - self.corner)
        disc = np.zeros(self.mask_hw.shape, np.uint8)
        cv2.circle(disc, (x, y), radius_px, 1, -1)
        return np.asarray((disc > 0) & self.framed_hw, np.bool_)

    def painted(self, mask_hw: BoolMask, ground: Colour) -> Patch:
        """Paint over what is not in a mask, which is grown a little."""
        grown = cv2.dilate(mask_hw.astype(np.uint8), np.ones((GROWN, GROWN), np.uint8)) > 0
        image = self.image.copy()
        image[~grown] = ground
        return Patch(image, np.asarray(grown, np.bool_), self.framed_hw, self.corner)


def cut(frame_rgb: RGBImage, mask_hw: BoolMask, at: Floats, scale: float, ground: Colour) -> Patch:
    """Cut the surroundings of a point of the scaled frame out; beyond the frame is `ground`."""
    side, half = 2 * HALF, HALF / scale
    left, top = np.floor(np.round(at) / scale - half).astype(int)
    wide = round(2 * half)
    image = np.full((wide, wide, 3), ground, np.uint8)
    inside, framed = (np.zeros((wide, wide), np.uint8) for _ in range(2))
    height, width = mask_hw.shape
    rows = slice(max(0, top), min(height, top + wide))
    columns = slice(max(0, left), min(width, left + wide))
    if rows.start < rows.stop and columns.start < columns.stop:
        here = (
            slice(rows.start - top, rows.stop - top),
            slice(columns.start - left, columns.stop - left),
        )
        image[here], inside[here] = frame_rgb[rows, columns], mask_hw[rows, columns]
        framed[here] = 1
    if wide != side:
        image = np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
        inside, framed = (
            np.asarray(cv2.resize(mask, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
            for mask in (inside, framed)
        )
    corner = np.array([left, top], np.float64) * scale
    return Patch(image, inside > 0, framed > 0, corner)
