"""Decodes PNGs from outside; their size is checked before they are decoded."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.png import SIGNATURE, has_whole_chunks

MAX_SIDE = 8192
HEAD_BYTES = 33  # signature and header of a PNG
PALETTE = 3  # PNG's colour type for indexed images
CHANNELS = {0: 1, 2: 3, PALETTE: 1, 4: 2, 6: 4}  # by PNG's colour type
MAX_DECODED_BYTES = MAX_SIDE * MAX_SIDE * 4  # the largest picture of four channels of 8 bits

Picture = npt.NDArray[np.uint8]  # (h, w) or (h, w, c)


def picture_size(png: bytes) -> tuple[int, int]:
    """Read (height, width) from a PNG's header. Raises `InvalidPrompt`."""
    if png[:8] != SIGNATURE or len(png) < HEAD_BYTES:
        raise InvalidPrompt("The picture is not a PNG.")
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise InvalidPrompt(f"The picture is {width}x{height}; a side has at most {MAX_SIDE}.")
    if width * height * CHANNELS.get(colour, 4) * max(1, depth // 8) > MAX_DECODED_BYTES:
        raise InvalidPrompt(
            f"The picture is {width}x{height} with {depth} bits a channel, which is too large.",
            hint="Masks need 8 bits.",
        )
    return height, width


def decode_png(png: bytes, flags: int = cv2.IMREAD_UNCHANGED) -> cv2.typing.MatLike:
    """Decode a PNG whose size has been checked. Raises `InvalidPrompt` for a broken one."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), flags) if has_whole_chunks(png) else None
    if picture is None:
        raise InvalidPrompt("The picture is broken.", hint="Write it again.")
    return picture


def decode_picture(png: bytes) -> Picture:
    """Decode a PNG to 8-bit grey, BGR or BGRA. Raises `InvalidPrompt`."""
    picture_size(png)
    return eight_bits(decode_png(png))


def eight_bits(picture: cv2.typing.MatLike) -> Picture:
    """Reduce 16-bit values to their upper 8 bits."""
    values: npt.NDArray[np.generic] = picture
    if values.dtype == np.uint16:
        return np.right_shift(values.astype(np.uint16), 8).astype(np.uint8)
    return values.astype(np.uint8)


def is_indexed(png: bytes) -> bool:
    """Return whether a PNG stores indices into a palette."""
    return png[:8] == SIGNATURE and len(png) > 25 and png[25] == PALETTE
