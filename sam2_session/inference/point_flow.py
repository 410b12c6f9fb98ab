"""Follows one point of an object from frame to frame, by what its mask and its colours show.

What is object and what is not is told twice: by the frame's mask, and by the colours that the
object and its surroundings had where the point was placed. Where both lead to the same place, the
mask's is taken, as its rim is the finer one; where they part, the mask is wrong.
"""

from __future__ import annotations

import numpy as np

from sam2_session.core.types import BoolMask, RGBImage
from sam2_session.inference.frame_patches import HALF, Colour, Floats, cut
from sam2_session.inference.object_colours import ObjectColours
from sam2_session.inference.painted_flow import PaintedFlow

LARGEST_PX = 1500.0  # diagonal of the frame at which the flow is computed; larger ones are shrunk
COLOURS_PX = 60  # around the point; there the colours are learned
ALONE = 3  # frames for which the mask alone is believed
SAME_PX = 4.0  # so near to each other both ways agree


class PointFlow:
    """A point on its way from the frame on which a person placed it.

    `xy` are pixels of the source. `is_lost` once it was not found for many frames.
    """

    def __init__(self, frame_rgb: RGBImage, mask_hw: BoolMask, xy: tuple[float, float]) -> None:
        height, width = mask_hw.shape
        self._scale = min(1.0, LARGEST_PX / float(np.hypot(height, width)))
        at = np.array(xy, np.float64) * self._scale
        ground = _contrast(frame_rgb, mask_hw, xy)
        patch = cut(frame_rgb, mask_hw, at, self._scale, ground)
        colours = ObjectColours.of(patch.image, patch.mask_hw, patch.within(at, COLOURS_PX))

        def flow(colours: ObjectColours | None) -> PaintedFlow:
            return PaintedFlow(
                frame_rgb, mask_hw, at, scale=self._scale, ground=ground, colours=colours
            )

        self._by_mask = flow(None)
        self._by_colours = flow(colours) if colours else None
        self._is_mask_good = True  # as far as the colours tell
        self._alone = 0  # frames since both found it

    @property
    def is_lost(self) -> bool:
        """Return whether following it on is of no use."""
        by_colours = self._by_colours
        return self._by_mask.is_lost and (by_colours is None or by_colours.is_lost)

    def miss(self) -> None:
        """Go on to a frame on which the object is absent."""
        for flow in self._flows():
            flow.miss()

    def follow(self, frame_rgb: RGBImage, mask_hw: BoolMask) -> tuple[float, float] | None:
        """Find the point on the next frame, in source pixels; None where a check fails."""
        at = self._chosen(
            *(None if flow.is_lost else flow.follow(frame_rgb, mask_hw) for flow in self._flows())
        )
        if at is None:
            return None
        x, y = at / self._scale
        return float(x), float(y)

    def _flows(self) -> list[PaintedFlow]:
        return [self._by_mask, *([self._by_colours] if self._by_colours else [])]

    def _chosen(self, by_mask: Floats | None, by_colours: Floats | None = None) -> Floats | None:
        """Choose between the places found; the mask's alone only while it was last good."""
        if by_mask is not None and by_colours is not None:
            self._is_mask_good = bool(np.hypot(*(by_mask - by_colours)) <= SAME_PX)
            self._alone = 0
        elif self._by_colours is not None:
            self._alone += 1
        if by_mask is not None and self._is_mask_good and self._alone <= ALONE:
            return by_mask
        return by_colours


def _contrast(frame_rgb: RGBImage, mask_hw: BoolMask, xy: tuple[float, float]) -> Colour:
    """Choose black or white for each channel, whichever the object around the point is not."""
    x, y = (round(value) for value in xy)
    near = slice(max(0, y - HALF), y + HALF), slice(max(0, x - HALF), x + HALF)
    inside = frame_rgb[near][mask_hw[near]]
    if not len(inside):
        return np.full(3, 128, np.uint8)
    return np.where(inside.mean(axis=0) > 127, 0, 255).astype(np.uint8)
