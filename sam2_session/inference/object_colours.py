"""Tells an object from what is around it by the colours that both had on one frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask, RGBImage

BITS = 4  # of each channel
LEVELS = 1 << BITS
NEW = 1e-4  # share of the surroundings that each colour has, though it was not seen there
SURROUNDINGS = 7  # px; side of the square by which a mask is grown before these begin
LEAST_PIXELS = 40
FAR = 25  # px; as large a square, for what cannot be the object even where its mask is too small
LEAST_HITS, MOST_ALARMS = 0.7, 0.3  # shares of both that are taken for it

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ObjectColours:
    """Shares of each colour in an object and in its surroundings."""

    inside: Singles
    around: Singles

    @classmethod
    def of(cls, image: RGBImage, mask_hw: BoolMask, near_hw: BoolMask) -> ObjectColours | None:
        """Learn them from part of a picture; None if they do not tell the object from the rest."""
        mask = mask_hw.astype(np.uint8)
        inner = cv2.erode(mask, np.ones((3, 3), np.uint8)) > 0  # the rim has colours of both
        outer = cv2.dilate(mask, np.ones((SURROUNDINGS, SURROUNDINGS), np.uint8)) == 0
        colours = _colours(image)
        there, beyond = colours[inner & near_hw], colours[outer & near_hw]
        if len(there) < LEAST_PIXELS or len(beyond) < LEAST_PIXELS:
            return None
        learned = cls(_shares(there), _shares(beyond))
        again = learned.mask(image)
        far = cv2.dilate(mask, np.ones((FAR, FAR), np.uint8)) == 0
        hits, alarms = _share(again, inner & near_hw), _share(again, far & near_hw)
        return learned if hits >= LEAST_HITS and alarms <= MOST_ALARMS else None

    def mask(self, image: RGBImage) -> BoolMask:
        """Return which pixels of a picture have the object's colours."""
        colours = _colours(image)
        inside, around = self.inside[colours], self.around[colours]
        likely = (inside / (inside + around + NEW)).astype(np.float32)
        return np.asarray(cv2.GaussianBlur(likely, (3, 3), 0) > 0.5, np.bool_)


def _colours(image: RGBImage) -> npt.NDArray[np.int32]:
    """Number the colour of each pixel, coarsely."""
    red, green, blue = np.moveaxis((image >> (8 - BITS)).astype(np.int32), -1, 0)
    return np.asarray((red * LEVELS + green) * LEVELS + blue, np.int32)


def _shares(colours: npt.NDArray[np.int32]) -> Singles:
    """Return the share of each colour, some of which goes to its neighbours."""
    counts = np.bincount(colours, minlength=LEVELS**3).astype(np.float32)
    cube = counts.reshape(LEVELS, LEVELS, LEVELS)
    for axis in range(3):
        wide = np.pad(cube, [(1, 1) if other == axis else (0, 0) for other in range(3)], "edge")
        below, above = wide.take(range(LEVELS), axis), wide.take(range(2, LEVELS + 2), axis)
        cube = 0.5 * cube + 0.25 * (below + above)
    return np.asarray(cube.ravel() / len(colours), np.float32)


def _share(found_hw: BoolMask, of_hw: BoolMask) -> float:
    return float(found_hw[of_hw].mean()) if of_hw.any() else 0.0
