"""Converts decoded frames to upright 8-bit pictures, and says what a viewer should know of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

from sam2_session.storage.display_matrix import UPRIGHT, Orientation, orientation_of
from sam2_session.storage.hdr import NAMES, tone_map
from sam2_session.storage.probe import SQUARE, pixel_aspect_of

INTERLACED = "The video is interlaced: each frame keeps both of its half pictures, as stored."


@dataclass(frozen=True, slots=True)
class FrameConversion:
    """Converts the frames of one file to pictures; all get the size of the first."""

    width: int = 0  # as coded
    height: int = 0
    orientation: Orientation = UPRIGHT
    transfer: int = 0  # of an HDR video; others 0
    interlaced: bool = False
    pixel_aspect: Fraction = SQUARE  # of the stored pixels, before rotation

    @classmethod
    def of(cls, frame: av.VideoFrame, stream: av.VideoStream) -> FrameConversion:
        """Read the properties of a file from its first frame and its headers."""
        transfer = int(frame.color_trc or 0)
        return cls(
            frame.width,
            frame.height,
            orientation_of(frame),
            transfer if transfer in NAMES else 0,
            bool(frame.interlaced_frame),
            pixel_aspect_of(stream),
        )

    def to_bgr(self, frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
        """Convert a frame to bgr_hwc, upright, in stored pixels; HDR is tone-mapped."""
        form = "rgb48le" if self.transfer else "bgr24"
        coded = frame.to_ndarray(format=form, width=self.width, height=self.height, threads=1)
        if self.transfer:
            coded = tone_map(coded.astype(np.uint16, copy=False), self.transfer)
        return self.orientation.apply(coded.astype(np.uint8, copy=False))

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the user: shape of the pixels, fields, HDR."""
        notes = []
        if self.pixel_aspect != SQUARE:
            notes.append(self._aspect_note())
        if self.interlaced:
            notes.append(INTERLACED)
        if self.transfer:
            notes.append(
                f"The video is HDR ({NAMES[self.transfer]}): its frames are mapped to the "
                "brightness and colours of an ordinary screen."
            )
        return tuple(notes)

    def _aspect_note(self) -> str:
        wide, high = self.orientation.shown_size(self.width, self.height)
        turned = self.orientation.transpose
        aspect = 1 / self.pixel_aspect if turned else self.pixel_aspect
        return (
            f"Pixels are not square ({aspect.numerator}:{aspect.denominator}): the page shows "
            f"{round(wide * aspect)}×{high}; "
            f"masks and coordinates stay in the file's {wide}×{high}."
        )
