"""Reads pictures that hold several: the pages of a TIFF, the frames of an animated PNG or WebP."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from sam2_session.core.png import SIGNATURE, has_whole_chunks

PNG_ANIMATION, WEBP_ANIMATION = b"acTL", b"ANIM"
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
HEAD_BYTES = 64 * 1024  # an animation says so there
DEFAULT_MS = 100  # of an animation's frame that says 0, as browsers do
BROKEN = (
    OSError, UnidentifiedImageError, SyntaxError, ValueError, KeyError, EOFError,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a file that are frames, by number, and how long each is shown.

    `left_out` counts pages of another size, such as previews; `durations_ms` is empty for pages
    that are no animation.
    """

    numbers: tuple[int, ...] = (0,)
    left_out: int = 0
    durations_ms: tuple[int, ...] = ()


def may_have_pages(head: bytes) -> bool:
    """Return whether a file that begins with these bytes may hold several pictures."""
    return head.startswith(TIFF_STARTS) or PNG_ANIMATION in head or WEBP_ANIMATION in head[:64]


def find_pages(data: bytes, most: int) -> Pages:
    """List the pages of the size of the first; at most `most` + 1 are looked at."""
    numbers, durations = [], []
    try:
        with Image.open(io.BytesIO(data)) as image:
            size, animated = image.size, image.format in ("PNG", "WEBP")
            count = min(getattr(image, "n_frames", 1), most + 1)
            if image.info.get("default_image"):  # of an animated PNG: shown where none can play
                count -= 1
            for number in range(count):
                image.seek(number + bool(image.info.get("default_image")))
                if animated:  # only known once the frame is decoded
                    image.load()
                    durations.append(int(image.info.get("duration", 0)) or DEFAULT_MS)
                if image.size == size:
                    numbers.append(number)
    except BROKEN:
        count = len(numbers)  # the pages before the damage
    left_out = max(0, count - len(numbers))
    return Pages(tuple(numbers) or (0,), left_out, tuple(durations) if len(numbers) > 1 else ())


class PageReader:
    """Decodes pages of one file; quick if they are read one after another."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._animation: Image.Image | None = None

    def read(self, number: int, flags: int) -> cv2.typing.MatLike | None:
        """Decode a page with OpenCV's `flags`; None if it is broken."""
        encoded = np.frombuffer(self.data, np.uint8)
        is_tiff = self.data.startswith(TIFF_STARTS)
        if not is_tiff and may_have_pages(self.data[:HEAD_BYTES]):
            return self._read_animation(number)
        if self.data.startswith(SIGNATURE) and not has_whole_chunks(self.data):
            return None
        if number == 0 or not is_tiff:
            return cv2.imdecode(encoded, flags)
        pages: Sequence[cv2.typing.MatLike]
        _, pages = cv2.imdecodemulti(encoded, flags, range=(number, number + 1))
        return pages[0] if len(pages) else None

    def _read_animation(self, number: int) -> cv2.typing.MatLike | None:
        try:
            if self._animation is None:
                self._animation = Image.open(io.BytesIO(self.data))
            self._animation.seek(number + bool(self._animation.info.get("default_image")))
            rgb = np.asarray(self._animation.convert("RGB"))
        except BROKEN:
            return None
        return np.ascontiguousarray(rgb[..., ::-1])
