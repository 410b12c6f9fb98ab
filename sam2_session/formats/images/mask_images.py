"""Decodes masks from PNG, and tints them for display."""

from __future__ import annotations

import re

import cv2
import numpy as np

from sam2_session.core.errors import InvalidPrompt, InvalidRequest
from sam2_session.core.png import SIGNATURE
from sam2_session.core.types import BoolMask
from sam2_session.formats.images.png_images import decode_png

COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")


def decode_mask(png: bytes, size_hw: tuple[int, int]) -> BoolMask:
    """Decode a PNG of the source's size: values above 127 are set, or above 0 in a 0/1 mask.

    Raises `InvalidPrompt` for another size, or for what is not a PNG.
    """
    if png[:8] != SIGNATURE or len(png) < 24:
        raise InvalidPrompt("The mask is not a PNG.", hint="Send a binary PNG of the frame's size.")
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    if (height, width) != size_hw:  # before decoding: a small file can claim a huge image
        raise InvalidPrompt(
            f"The mask is {width}x{height}, the video {size_hw[1]}x{size_hw[0]}.",
            hint="Masks have the source's size.",
        )
    gray = decode_png(png, cv2.IMREAD_GRAYSCALE)
    mask: BoolMask = gray > (127 if gray.max() > 1 else 0)
    return mask


def encode_rgba(mask_hw: BoolMask, colour: str, alpha: float) -> bytes:
    """Encode a mask in a colour ("#rrggbb") as a transparent RGBA PNG; `alpha` from 0 to 1."""
    match = COLOUR.fullmatch(colour)
    if match is None or not 0 <= alpha <= 1:
        raise InvalidRequest("colour is rrggbb in hex, alpha a number from 0 to 1.")
    red, green, blue = bytes.fromhex(match[1])
    tinted = np.zeros((*mask_hw.shape, 4), np.uint8)
    tinted[mask_hw] = (blue, green, red, round(alpha * 255))
    return cv2.imencode(".png", tinted)[1].tobytes()
