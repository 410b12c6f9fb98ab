"""Reads the size, orientation and depth of a picture from its first bytes."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

import cv2
from PIL import Image, UnidentifiedImageError

from sam2_session.core.errors import SessionError, UnsupportedVideo

ORIENTATION = 0x0112  # EXIF
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
UPRIGHT = 1
FLIPS = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}  # cv2.flip codes, after swapping the axes
PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_DEPTH_AT = 24  # of the file: bits of a channel
TIFF_BITS = 258  # tag: bits of each channel
DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Properties of a picture; `size_hw` is as shown."""

    size_hw: tuple[int, int]
    is_plain_jpeg: bool  # RGB and upright, so that its bytes can be kept
    orientation: int | None  # EXIF, still to be applied; None if it may stand behind the pixels
    is_deep: bool  # more than 8 bits a channel

    def fits(self, size_hw: tuple[int, int]) -> bool:
        """Return whether the picture has this size, as far as is known."""
        turned = self.orientation is None and self.size_hw[::-1] == size_hw
        return turned or self.size_hw == size_hw


def read_header(data: bytes, *, complete: bool) -> ImageHeader | None:
    """Read the header of a picture from its first bytes, or from all; None if that fails.

    Raises `UnsupportedVideo` for a size that nobody can mean.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            orientation = _orientation(image, data, complete=complete)
            width, height = image.size
            plain = image.format == "JPEG" and image.mode == "RGB" and orientation == UPRIGHT
            sideways = orientation in SIDEWAYS
            deep = image.mode in DEEP_MODES or _bits(image, data) > 8
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnsupportedVideo("A picture claims to be huge.", hint="Scale it down.") from error
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, KeyError, SessionError):
        return None
    return ImageHeader((width, height) if sideways else (height, width), plain, orientation, deep)


def upright(image: cv2.typing.MatLike, orientation: int) -> cv2.typing.MatLike:
    """Rotate and mirror an image as its EXIF orientation says."""
    if orientation in SIDEWAYS:
        image = cv2.transpose(image)
    return cv2.flip(image, FLIPS[orientation]) if orientation in FLIPS else image


def _orientation(image: Image.Image, data: bytes, *, complete: bool) -> int | None:
    if image.format == "TIFF":
        return UPRIGHT  # its size is as shown, and its decoder turns the pixels
    if image.format == "PNG":
        return _png_orientation(data, complete=complete)
    found = image.getexif().get(ORIENTATION, UPRIGHT)
    return found if found in range(1, 9) else UPRIGHT


def _png_orientation(data: bytes, *, complete: bool) -> int | None:
    """Find the EXIF chunk of a PNG, before or behind the pixels, without decoding these."""
    at = len(PNG_START)
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"eXIf" and at + 8 + length <= len(data):
            exif = Image.Exif()
            exif.load(b"Exif\x00\x00" + data[at + 8 : at + 8 + length])
            found = exif.get(ORIENTATION, UPRIGHT)
            return found if found in range(1, 9) else UPRIGHT
        if kind == b"IEND":
            return UPRIGHT
        at += 12 + length
    return UPRIGHT if complete else None


def _bits(image: Image.Image, data: bytes) -> int:
    """Bits of a channel."""
    if image.format == "PNG":
        return data[PNG_DEPTH_AT]
    if image.format == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(TIFF_BITS, 8)
        return int(bits[0] if isinstance(bits, tuple) else bits)
    return 8
